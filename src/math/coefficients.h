// The constants that the scalar and the vector forms of the functions share.
#ifndef OCHE_MATH_COEFFICIENTS_H_
#define OCHE_MATH_COEFFICIENTS_H_

#include <array>
#include <cstddef>

namespace oche::math::detail {

// --- exp(x) = 2^n (1 + r + r^2 Q(r)) with r = x - n ln 2 and n the integer nearest to x/ln 2 -
// Offset, so that e^r lies between 3/4 and 3/2: there the roundings of r and of e^r - 1 weigh at
// most 1/4 and 1/8 ULP of e^r. n is what adding Shift leaves in the lowest bits. ln 2 = High + Low,
// and n High is exact. Q is of degree 10, to 0.00409 * 2^-53 of e^r, by tests/accuracy/exp_fit.py,
// in ascending powers.
inline constexpr double kExpOffset = 0.085;
inline constexpr double kExpShift = 0x1.8p52;
inline constexpr double kLog2OfE = 0x1.71547652b82fep+0;
inline constexpr double kLn2High = 0x1.62e42fefa3800p-1;
inline constexpr double kLn2Low = 0x1.ef35793c76730p-45;
inline constexpr std::array<double, 11> kExpRemainder = {0.5,
                                                         0.16666666666666666,
                                                         0.04166666666666737,
                                                         0.008333333333335408,
                                                         0.0013888888888285644,
                                                         0.00019841269835392563,
                                                         2.4801589153179525e-05,
                                                         2.7557316494312762e-06,
                                                         2.7554935605934694e-07,
                                                         2.5073922289218118e-08,
                                                         2.1983690579574488e-09};
inline constexpr double kExpScalesInOneStepUpTo = 708.0;  // |x|: e^x is a normal number
inline constexpr double kExpIsZeroBelow = -746.0;
inline constexpr double kExpIsInfiniteAbove = 710.0;

// --- Odd functions that are x (1 + c x^2 + ...) with |c| <= 1/2 are x itself below this, where
// SLEEF loses the smallest subnormals.
inline constexpr double kIsArgumentBelow = 0x1p-27;

// --- log1p is x (1 - x/2 + ...), and log x (1 + 1/(x log x) + ...). SLEEF overflows above 1e307.
inline constexpr double kLog1pIsArgumentBelow = 0x1p-54;
inline constexpr double kLog1pIsLogAbove = 1e300;

// --- sinh and cosh are e^x / 2 long before SLEEF overflows, which it does at 709.78, 0.7 too
// early: e^a / 2 for a = 709, to 106 bits, as the sum of two doubles (by MPFR with 400 bits).
inline constexpr double kHyperbolicIsHalfExpAbove = 709.0;
inline constexpr double kHalfExpLast = 711.0;  // beyond, half of e^x is no double
inline constexpr double kHalfExpAnchor = 709.0;
inline constexpr double kHalfExpOfAnchorHigh = 0x1.d422d2be5dc9bp+1021;
inline constexpr double kHalfExpOfAnchorLow = -0x1.916aa7a2c8d07p+966;

// --- asinh and acosh are log(2x) where SLEEF's square overflows.
inline constexpr double kArcIsLogAbove = 1e150;
inline constexpr double kLn2 = 0x1.62e42fefa39efp-1;

// --- gamma below the first bound, where SLEEF's reflection loses up to ten bits: gamma(x + 16) /
// (x (x + 1) ... (x + 15)), whose factors are exact. Below the second it is 0.
inline constexpr double kGammaIsShiftedBelow = -170.0;
inline constexpr double kGammaIsZeroBelow = -186.0;
inline constexpr int kGammaShift = 16;

// --- lgamma, which overflows beyond 2.55998e305, SLEEF's 0.1% too early. Near an anchor a it is,
// with d = x/a - 1, lgamma(a) + (x - a) (ln a + d/2 - d^2/6 + d^3/12), as its derivative is ln x
// there. lgamma(a) is the sum of two doubles (by mpmath with 1200 bits).
inline constexpr double kLgammaIsSleefsUpTo = 2.556e305;
inline constexpr double kLgammaAnchor = 2.558e305;
inline constexpr double kLgammaOfAnchorHigh = 0x1.ff9a4ef36c530p+1023;
inline constexpr double kLgammaOfAnchorLow = -0x1.62d3bfb89031fp+966;
inline constexpr double kLogOfLgammaAnchor = 0x1.5f9d24966ff55p+9;

// --- beta(a, b), a >= b > 0, s = a + b = s' + t with s' the rounded sum.
// Both below the first bound: 1/a + 1/b, to a relative a b zeta(2).
// s up to the second: gamma(b) (gamma(a) / gamma(s')) (1 - t psi(s')), with psi(s) = psi(s + 2) -
// 1/s - 1/(s + 1) and psi's asymptotic series (DLMF 5.11.2), of which few digits are needed.
// Beyond, with gamma(z) = sqrt(2 pi) z^(z - 1/2) e^(-z + delta(z)) (DLMF 5.11.1, 5.11.3):
//   b < 16:  gamma(b) s^-b sqrt(s/a) exp(b x (1/2 - x/3 + x^2/4 - ...) + delta(a) - delta(s)), x =
//   b/a else:    sqrt(2 pi s / (a b)) (a/s)^a (b/s)^b exp(delta(a) + delta(b) - delta(s)),
//            where (a/s)^a is exp(-b + b x (1/2 - x/3)) for the largest a;
// what was lost by rounding s, a/s and b/s comes back in the exponent of exp.
inline constexpr double kBetaIsSumOfInversesBelow = 0x1p-30;
inline constexpr double kBetaOfGammasUpTo = 170.0;
inline constexpr double kBetaStirlingOfBothFrom = 16.0;
inline constexpr double kBetaPowerUpTo = 0x1p48;
inline constexpr double kBetaIsZeroAbove = 1100.0;        // the smaller one: 4^-1100 is no double
inline constexpr double kSqrt2Pi = 0x1.40d931ff62706p+1;  // by MPFR with 400 bits
// delta(z) = c[0]/z + c[1]/z^3 + ...: to 2e-18 for z >= 16.
inline constexpr std::array<double, 6> kStirling = {1.0 / 12,    -1.0 / 360, 1.0 / 1260,
                                                    -1.0 / 1680, 1.0 / 1188, -691.0 / 360360};

// --- normal_cdf (constants by MPFR with 400 bits; the first is the sum of two doubles)
inline constexpr double kInverseSqrt2High = 0x1.6a09e667f3bcdp-1;
inline constexpr double kInverseSqrt2Low = -0x1.bdd3413b26456p-55;
inline constexpr double kTwoOverSqrtPi = 0x1.20dd750429b6dp+0;
inline constexpr double kNormalIsCertainBeyond = 40.0;  // below -38.6 it is less than any double

// --- The normal quantile. With q = u - 1/2:
//   |q| <= 0.4875:  z = q A(r)/B(r),         r = 1/4 - q^2
//   else:           r = sqrt(-ln min(u, 1-u)) and, with the sign of q,
//     r <= 5:       z = C(r - 1.6)/D(r - 1.6)
//     r > 5:        z = E(r - 5)/F(r - 5)
// A and B are of degree 11, to 0.17 * 2^-53, by tests/accuracy/normal_quantile_fit.py. C to F, of
// degree 7, are those of Wichura, Algorithm AS 241, Applied Statistics 37 (1988) 477-484, PPND16.
// Coefficients in ascending powers.
// The range of A/B is so wide that of 40 uniforms one lies in a tail: a wider one needs a higher
// degree for all of them.
template <std::size_t kDegree>
using Coefficients = std::array<double, kDegree + 1>;

inline constexpr double kCentralHalfWidth = 0.4875;
inline constexpr double kNearShift = 1.6;
inline constexpr double kFarBeyond = 5.0;
inline constexpr double kFarShift = 5.0;

inline constexpr Coefficients<11> kCentralNumerator = {
    7.43675224951885368576, 16321.7141991497483134, 7641348.25292563587604, 1258355381.81650019629,
    88480987891.3536494701, 2903307262258.54782135, 45991955578749.3831901, 349414756978723.821103,
    1211259590942173.19804, 1706669779071222.14102, 754329334095478.188021, 46821835290738.5445307};
inline constexpr Coefficients<11> kCentralDenominator = {1.0,
                                                         2617.2833151774331647,
                                                         1394136.63625032797946,
                                                         258321977.910495094874,
                                                         20456051375.231365891,
                                                         762340505839.144223179,
                                                         13933964399795.6935038,
                                                         125281239565345.257941,
                                                         535385330215245.138488,
                                                         998502707935528.38427,
                                                         677584667452836.878456,
                                                         106243106340368.904673};
inline constexpr Coefficients<7> kNearNumerator = {
    1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
    3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
    2.27238449892691845833e-2, 7.74545014278341407640e-4};
inline constexpr Coefficients<7> kNearDenominator = {1.0,
                                                     2.05319162663775882187e0,
                                                     1.67638483018380384940e0,
                                                     6.89767334985100004550e-1,
                                                     1.48103976427480074590e-1,
                                                     1.51986665636164571966e-2,
                                                     5.47593808499534494600e-4,
                                                     1.05075007164441684324e-9};
inline constexpr Coefficients<7> kFarNumerator = {
    6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
    2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
    2.71155556874348757815e-5, 2.01033439929228813265e-7};
inline constexpr Coefficients<7> kFarDenominator = {1.0,
                                                    5.99832206555887937690e-1,
                                                    1.36929880922735805310e-1,
                                                    1.48753612908506148525e-2,
                                                    7.86869131145613259100e-4,
                                                    1.84631831751005468180e-5,
                                                    1.42151175831644588870e-7,
                                                    2.04426310338993978564e-15};

}  // namespace oche::math::detail

#endif  // OCHE_MATH_COEFFICIENTS_H_
