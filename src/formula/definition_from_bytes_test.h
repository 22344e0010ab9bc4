// Bytes to the text of a job: what the random test of typed expressions and the fuzzer share. Any
// bytes make a text that parses; what is past their end reads as 0.
#ifndef OCHE_FORMULA_DEFINITION_FROM_BYTES_TEST_H_
#define OCHE_FORMULA_DEFINITION_FROM_BYTES_TEST_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formula/functions.h"

namespace oche::formula {

class DefinitionFromBytes {
 public:
  explicit DefinitionFromBytes(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  // Lets, outputs and inputs. It may still be refused when it is lowered: an output without a
  // finite value, say.
  std::string build() {
    std::string text;
    for (std::size_t left = byte() % 3; left > 0; --left) {
      const std::string name = "r" + std::to_string(lets_.size());
      text += "let " + name + " = " + expression(4) + "; ";
      lets_.push_back(name);
    }
    text += expression(6);
    for (std::size_t left = byte() % 4 == 3 ? 1 + byte() % 3 : 0; left > 0; --left) {
      text += "; " + expression(4);
    }
    return text.append(kInputs[byte() % std::size(kInputs)]);
  }

 private:
  // The same names, with every kind of range and three kinds of distribution.
  static constexpr std::string_view kInputs[] = {
      ", n = 4, x = 0..1, y ~ normal(0, 1), a[1..n] = 0..1",
      ", n = 4, x ~ uniform(-3, 2), y = 1..2, a[1..4] ~ poisson(2)",
      ", n = 4, x = -inf..inf, y = 0..inf, a[1..n] ~ uniform(0, 1)",
      ", n = 4, x = 0..1, y = 0..x, a[1..n] = -1..1",
      ", n = 4, x = 0.5, y ~ normal(x, 3), a[1..4] = 0.75",
  };

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t b = rest_.front();
    rest_ = rest_.subspan(1);
    return b;
  }

  std::string expression(std::size_t depth) {
    if (depth == 0) return leaf();
    const std::size_t b = byte();
    if (b < 40) return leaf();
    if (b < 130) {
      const auto& op = binary_operators()[byte() % binary_operators().size()];
      const std::string left = expression(depth - 1);
      return "(" + left + " " + std::string(op.symbol) + " " + expression(depth - 1) + ")";
    }
    if (b < 150) {
      const auto& op = prefix_operators()[byte() % prefix_operators().size()];
      return "(" + std::string(op.symbol) + " " + expression(depth - 1) + ")";
    }
    const Function& function = functions()[byte() % functions().size()];
    if (is_loop(function)) return loop(function, depth);
    const std::size_t most = std::min<std::size_t>(function.max_arguments, 3);
    const std::size_t count = function.min_arguments + byte() % (most - function.min_arguments + 1);
    std::string text = std::string(function.name) + "(";
    for (std::size_t i = 0; i < count; ++i) text += (i > 0 ? "," : "") + expression(depth - 1);
    return text + ")";
  }

  // Indices stay from 1 to 4, so that they are indices of the array.
  std::string loop(const Function& function, std::size_t depth) {
    if (indices_.size() >= 3) return leaf();
    const std::string name = "j" + std::to_string(indices_.size());
    std::string first = std::to_string(1 + byte() % 3);
    if (!indices_.empty() && byte() % 3 == 0) first = indices_.back();
    const std::string last = byte() % 2 == 0 ? "n" : std::to_string(3 + byte() % 2);
    indices_.push_back(name);
    const std::string body = expression(depth - 1);
    indices_.pop_back();
    return std::string(function.name) + "(" + name + "=" + first + ".." + last + "," + body + ")";
  }

  std::string leaf() {
    static constexpr std::string_view kNumbers[] = {"0",      "1",  "2",     "0.5",   "3",
                                                    "pi",     "e",  "inf",   "1e300", "1e-300",
                                                    "5e-324", "16", "709.7", "1e16"};
    const std::size_t b = byte();
    if (b < 60) return std::string(kNumbers[byte() % std::size(kNumbers)]);
    if (b < 80 && !lets_.empty()) return lets_[byte() % lets_.size()];
    if (b < 110 && !indices_.empty()) return indices_[byte() % indices_.size()];
    if (b < 150 && !indices_.empty()) {
      const std::string& index = indices_[byte() % indices_.size()];
      return byte() % 3 == 0 ? "a[5-" + index + "]" : "a[" + index + "]";
    }
    if (b < 170) return "a[" + std::to_string(1 + byte() % 4) + "]";
    return b % 2 == 0 ? "x" : "y";
  }

  std::span<const std::uint8_t> rest_;
  std::vector<std::string> lets_;
  std::vector<std::string> indices_;
};

}  // namespace oche::formula

#endif  // OCHE_FORMULA_DEFINITION_FROM_BYTES_TEST_H_
