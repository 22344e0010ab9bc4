// The hand-written limits as a peer of peers_serve.py's protocol, so that they compete with whole
// runs of oche on one core and on two as the others do; and the list of problems for all of them.
//
//   limits_peer --list    JSON: [{"expression": …, "inputs": […], "mean": …}, …], pi first
//   limits_peer           answers: prepare I, run I N SEED (N a multiple of 512); its means are
//   those
//                         of the expression, without the volume of the ranges
#include <cmath>
#include <cstdint>
#include <iostream>
#include <numbers>
#include <sstream>
#include <string>

#include "bench/limits.h"

namespace oche::bench {
namespace {

struct Problem {
  std::string expression;
  std::vector<std::string> inputs;
  double true_mean = 0;
  Moments (*run)(std::uint64_t seed, std::uint64_t first_sample, std::uint64_t n) = nullptr;
};

Moments pi(std::uint64_t seed, std::uint64_t first_sample, std::uint64_t n) {
  const double hits = static_cast<double>(limit_pi_hits(seed, first_sample, n));
  const double samples = static_cast<double>(n);
  return {samples, 4 * hits / samples, 16 * hits * (samples - hits) / samples};
}

std::vector<Problem> problems() {
  std::vector<Problem> all = {{"4*(x^2+y^2<=1)", {"x=0..1", "y=0..1"}, std::numbers::pi, pi}};
  for (const ExpressionLimit& limit : expression_limits()) {
    all.push_back({limit.expression, limit.inputs, limit.true_mean, limit.run});
  }
  return all;
}

// Neither expressions nor inputs have a character that JSON would escape.
void list() {
  const char* between = "[";
  std::cout.precision(17);
  for (const Problem& problem : problems()) {
    std::cout << between << R"({"expression": ")" << problem.expression << R"(", "inputs": [)";
    for (std::size_t i = 0; i < problem.inputs.size(); ++i) {
      std::cout << (i == 0 ? "\"" : ", \"") << problem.inputs[i] << '"';
    }
    std::cout << R"(], "mean": )" << problem.true_mean << '}';
    between = ",\n ";
  }
  std::cout << "]\n";
}

std::string answer(const std::string& line) {
  std::istringstream words(line);
  std::string command;
  std::size_t index = 0;
  std::uint64_t samples = 0, seed = 0;
  words >> command >> index;
  if (command == "prepare") return "form " + (index == 0 ? limit_pi_form() : "fused by hand");
  words >> samples >> seed;
  const Moments m = problems().at(index).run(seed, 0, samples);
  std::ostringstream out;
  out.precision(17);
  out << m.mean << ' ' << std::sqrt(m.squares / m.n / m.n);
  return out.str();
}

void serve() {
  std::string line;
  std::getline(std::cin, line);  // the list, which is known here
  std::cout << "ready by hand" << std::endl;
  while (std::getline(std::cin, line)) std::cout << answer(line) << std::endl;
}

}  // namespace
}  // namespace oche::bench

int main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == "--list") {
    oche::bench::list();
  } else {
    oche::bench::serve();
  }
}
