// The check of names: what an input may be called, and which names an expression may use.
#ifndef OCHE_FORMULA_NAMES_H_
#define OCHE_FORMULA_NAMES_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formula/definitions.h"
#include "formula/formula_error.h"

namespace oche::formula {

// Problems found, of which only the first few are worth their words.
class Problems {
 public:
  bool empty() const { return shown_.empty(); }
  bool has_room() const { return shown_.size() < kMaxShown; }
  void add(FormulaError problem);
  void add_unshown() { ++more_; }
  [[noreturn]] void raise() const;  // must not be empty

 private:
  static constexpr std::size_t kMaxShown = 10;
  std::vector<FormulaError> shown_;
  std::size_t more_ = 0;
};

// Where an input's name stands.
struct NamePlace {
  std::shared_ptr<const std::string> source;
  std::size_t offset = 0;
};

// Whether inputs may be missing from the list because their text could not be parsed.
enum class InputList { complete, incomplete };

// Adds what is wrong with the names of `definition`; `places[i]` belongs to `definition.inputs[i]`.
// A tree without nodes is one that could not be parsed, and is left out.
void check_names(const Definition& definition, std::span<const NamePlace> places, InputList list,
                 Problems& problems);

}  // namespace oche::formula

#endif  // OCHE_FORMULA_NAMES_H_
