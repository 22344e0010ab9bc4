#include <algorithm>

#include "formula/definitions.h"

namespace oche::formula {

std::span<const Distribution> distributions() {
  static const std::vector<Distribution> table = {
      {"uniform", {"low", "high"}, "equally likely anywhere from low to high"},
      {"normal", {"mean", "sd"}, "the normal distribution of that mean and standard deviation"},
  };
  return table;
}

const Distribution* find_distribution(std::string_view name) {
  const auto row = std::ranges::find(distributions(), name, &Distribution::name);
  return row == distributions().end() ? nullptr : &*row;
}

}  // namespace oche::formula
