// Numbers of few digits.
#ifndef OCHE_BASE_ROUND_NUMBER_H_
#define OCHE_BASE_ROUND_NUMBER_H_

namespace oche {

// The decimal with the fewest digits that is in low <= x <= high, the nearest to the middle of
// those. low <= high, both finite.
double roundest_between(double low, double high);

// The power of ten of the last digit of the shortest decimal that is read as `value`: -2 for 0.25,
// 3 for 12000. `value` is finite and not 0.
int last_decimal_place(double value);

}  // namespace oche

#endif  // OCHE_BASE_ROUND_NUMBER_H_
