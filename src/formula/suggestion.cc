#include "formula/suggestion.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace oche::formula {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

struct ForeignName {
  std::string_view name;  // in lower case
  std::string_view advice;
};

// Also names that are near to one of ours by spelling only: atan is no misspelt tan.
constexpr ForeignName kForeignNames[] = {
    {"ln", "did you mean log, the natural logarithm?"},
    {"lg", "did you mean log10, or log2?"},
    {"ld", "did you mean log2?"},
    {"fabs", "did you mean abs?"},
    {"absolute", "did you mean abs?"},
    {"power", "did you mean pow?"},
    {"root", "did you mean sqrt?"},
    {"sqr", "write x^2, or sqrt(x) for the square root"},
    {"square", "write x^2"},
    {"cube", "write x^3"},
    {"minimum", "did you mean min?"},
    {"maximum", "did you mean max?"},
    {"fmin", "did you mean min?"},
    {"fmax", "did you mean max?"},
    {"where", "did you mean if?"},
    {"iif", "did you mean if?"},
    {"ifelse", "did you mean if?"},
    {"select", "did you mean if?"},
    {"cond", "did you mean if?"},
    {"indicator", "write the comparison itself: it is 1 or 0"},
    {"tg", "did you mean tan?"},
    {"ctg", "write 1/tan(x)"},
    {"cot", "write 1/tan(x)"},
    {"sec", "write 1/cos(x)"},
    {"csc", "write 1/sin(x)"},
    {"arcsin", "did you mean asin?"},
    {"arccos", "did you mean acos?"},
    {"arctan", "did you mean atan?"},
    {"arctan2", "did you mean atan2?"},
    {"arcsinh", "did you mean asinh?"},
    {"arsinh", "did you mean asinh?"},
    {"arccosh", "did you mean acosh?"},
    {"arcosh", "did you mean acosh?"},
    {"arctanh", "did you mean atanh?"},
    {"artanh", "did you mean atanh?"},
    {"fmod", "write mod(a,b), which has the sign of b"},
    {"rem", "write mod(a,b), which has the sign of b"},
    {"remainder", "write mod(a,b), which has the sign of b"},
    {"trunc", "write sign(x)*floor(abs(x))"},
    {"int", "write floor(x)"},
    {"frac", "write mod(x,1)"},
    {"rint", "did you mean round?"},
    {"nint", "did you mean round?"},
    {"ceiling", "did you mean ceil?"},
    {"sgn", "did you mean sign?"},
    {"tgamma", "did you mean gamma?"},
    {"gammaln", "did you mean lgamma?"},
    {"loggamma", "did you mean lgamma?"},
    {"fact", "did you mean factorial?"},
    {"betaln", "write lgamma(a)+lgamma(b)-lgamma(a+b)"},
    {"lbeta", "write lgamma(a)+lgamma(b)-lgamma(a+b)"},
    {"phi", "did you mean normal_cdf?"},
    {"cdf", "did you mean normal_cdf?"},
    {"probit", "did you mean normal_quantile?"},
    {"infinity", "did you mean inf?"},
    {"infty", "did you mean inf?"},
    {"true", "did you mean 1?"},
    {"false", "did you mean 0?"},
    {"xor", "write a != b"},
};

}  // namespace

bool equal_but_for_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

// Optimal string alignment: a row per character of `a`, of which three are kept.
// d(i, j) = min(d(i-1, j) + 1, d(i, j-1) + 1, d(i-1, j-1) + [a_i != b_j],
//               d(i-2, j-2) + 1 if a_i a_(i-1) = b_(j-1) b_j)
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  const std::size_t difference = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (difference > limit) return limit + 1;
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, above);
    std::swap(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    if (*std::ranges::min_element(row) > limit + 1) return limit + 1;
  }
  return row.back();
}

std::string_view closest(std::string_view name, std::span<const std::string_view> candidates) {
  for (const std::string_view candidate : candidates) {
    if (equal_but_for_case(name, candidate)) return candidate;
  }
  // One edit in a name of one character makes any name of any other.
  std::size_t allowed = name.size() <= 1 ? 0 : name.size() <= 3 ? 1 : 2;
  std::string_view best;
  for (const std::string_view candidate : candidates) {
    if (allowed == 0) break;
    const std::size_t distance = edit_distance(name, candidate, allowed);
    if (distance > allowed) continue;
    best = candidate;
    allowed = distance - 1;  // distance 0 was found above
  }
  return best;
}

std::string_view advice_for_foreign_name(std::string_view name) {
  const auto row = std::ranges::find_if(kForeignNames, [&](const ForeignName& foreign) {
    return equal_but_for_case(name, foreign.name);
  });
  return row == std::end(kForeignNames) ? std::string_view{} : row->advice;
}

}  // namespace oche::formula
