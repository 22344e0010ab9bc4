// What somebody probably meant who typed a name that does not exist.
#ifndef OCHE_FORMULA_SUGGESTION_H_
#define OCHE_FORMULA_SUGGESTION_H_

#include <span>
#include <string>
#include <string_view>

namespace oche::formula {

// The candidate that is `name` but for case, else the one fewest edits away (inserting, deleting or
// replacing a character, or swapping two neighbours: at most 2, 1 for names of up to three
// characters), else empty. The first of equals.
std::string_view closest(std::string_view name, std::span<const std::string_view> candidates);

// How many edits (see above) make `b` from `a`; some number above `limit` if it takes more.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

bool equal_but_for_case(std::string_view a, std::string_view b);

// Advice for a name that other languages have and this one does not: "did you mean log?" for ln,
// "write log(x)/log(10)" for log10. Empty if there is none.
std::string_view advice_for_foreign_name(std::string_view name);

}  // namespace oche::formula

#endif  // OCHE_FORMULA_SUGGESTION_H_
