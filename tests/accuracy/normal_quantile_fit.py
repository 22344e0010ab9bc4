"""The rational function that src/math/coefficients.h has for the normal quantile between its tails.

Usage: normal_quantile_fit.py HEADER    needs mpmath; checks that the header has these coefficients

With q = u - 1/2 and r = 1/4 - q^2 = u (1 - u), z/q is analytic in r but for a cut from 0 to the left, where r
is 0 at both ends of the range of u. Such a function has rational approximations whose error falls by a constant
factor a degree, with poles and zeros in turns on the cut, so that all coefficients are positive and Horner's
rule loses nothing. Interpolation in the points that are equally far apart by the potential of the condenser
(interval, cut) is as good as the best approximation but for a small factor: x = b dn^2(t K, 1 - a/b) on [a, b]
(E. I. Zolotarev 1877; J.-P. Berrut and L. N. Trefethen, SIAM Review 46 (2004) 501-517, on such points).
"""

import re
import sys

import mpmath
from mpmath import mp, mpf

DEGREE = 11
NEAREST_TO_0 = "0.0125"
DIGITS = 120


def quotient(r):
    """z/q at r = 1/4 - q^2."""
    q = mpmath.sqrt(mpf(1) / 4 - r)
    return mpmath.sqrt(2) * mpmath.erfinv(2 * q) / q


def points(count, low, high):
    """Where to interpolate on [low, high]."""
    m = 1 - low / high
    complete = mpmath.ellipk(m)
    dn = mpmath.ellipfun("dn")
    return [high * dn(complete * (i + mpf(1) / 2) / count, m) ** 2 for i in range(count)]


def fit():
    """(numerator, denominator, largest relative error) in ascending powers of r; the denominator begins with 1."""
    nearest = mpf(NEAREST_TO_0)
    low, high = nearest * (1 - nearest), mpf(1) / 4
    unknowns = 2 * DEGREE + 1
    at = points(unknowns, low, high)
    matrix, right = mpmath.matrix(unknowns), mpmath.matrix(unknowns, 1)
    for row, r in enumerate(at):
        value = quotient(r)
        for power in range(DEGREE + 1):
            matrix[row, power] = r**power
        for power in range(1, DEGREE + 1):
            matrix[row, DEGREE + power] = -value * r**power
        right[row] = value
    solution = list(mpmath.lu_solve(matrix, right))
    numerator, denominator = solution[:DEGREE + 1], [mpf(1), *solution[DEGREE + 1:]]

    def error(r):
        return abs(mpmath.polyval(numerator[::-1], r) / mpmath.polyval(denominator[::-1], r) / quotient(r) - 1)
    return numerator, denominator, max(map(error, [low, *points(6 * unknowns, low, high)]))


def coefficients(header, name):
    """The doubles of an array in the header."""
    body = re.search(name + r"\s*=\s*\{([^}]*)\}", header).group(1)
    return [float(one) for one in body.split(",")]


def main():
    """Exit code 1 if the header has others."""
    mp.dps = DIGITS
    with open(sys.argv[1], encoding="utf-8") as file:
        header = file.read()
    numerator, denominator, error = fit()
    same = True
    for name, ours in (("kCentralNumerator", numerator), ("kCentralDenominator", denominator)):
        print(name, *(mpmath.nstr(one, 21) for one in ours))
        same = same and coefficients(header, name) == [float(one) for one in ours]
    print(f"largest relative error: {mpmath.nstr(error * 2**53, 3)} * 2^-53; the header's are",
          "the same" if same else "DIFFERENT")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
