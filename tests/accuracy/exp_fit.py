"""The polynomial that src/math/coefficients.h has for exp between ln(3/4) and ln(3/2).

Usage: exp_fit.py HEADER    needs mpmath; checks that the header has these coefficients

e^r = 1 + r + r^2 Q(r). Q interpolates in the points where the error of the best approximation
would be 0 if (e^r - 1 - r)/r^2 were a polynomial of one degree more: the zeros of a Chebyshev polynomial
(L. N. Trefethen, Approximation Theory and Approximation Practice, 2013, chapter 4).
"""

import re
import sys

import mpmath
from mpmath import mp, mpf

DEGREE = 10
DIGITS = 60


def remainder(r):
    """(e^r - 1 - r)/r^2, by its series: the differences would lose digits near 0."""
    return mpmath.nsum(lambda k: r**int(k) / mpmath.factorial(int(k) + 2), [0, 60])


def fit():
    """(coefficients, all doubles, in ascending powers; largest relative error of e^r with them)."""
    half = mpmath.log(2) / 2
    middle = mpmath.log(mpf(3) / 2) - half
    at = [middle + half * mpmath.cos(mpmath.pi * (2 * i + 1) / (2 * DEGREE + 2)) for i in range(DEGREE + 1)]
    matrix = mpmath.matrix(DEGREE + 1)
    for row, r in enumerate(at):
        for power in range(DEGREE + 1):
            matrix[row, power] = r**power
    solution = mpmath.lu_solve(matrix, mpmath.matrix([remainder(r) for r in at]))
    found = [mpf(float(one)) for one in solution]

    def error(r):
        return abs((1 + r + r * r * mpmath.polyval(found[::-1], r)) / mpmath.exp(r) - 1)
    return found, max(error(middle + half * i / 500) for i in range(-500, 501))


def main():
    """Exit code 1 if the header has others."""
    mp.dps = DIGITS
    with open(sys.argv[1], encoding="utf-8") as file:
        header = file.read()
    ours, error = fit()
    body = re.search(r"kExpRemainder\s*=\s*\{([^}]*)\}", header)
    same = body is not None and [float(one) for one in body.group(1).split(",")] == [float(one) for one in ours]
    print("kExpRemainder", *(repr(float(one)) for one in ours))
    print(f"largest relative error: {mpmath.nstr(error * 2**53, 3)} * 2^-53; the header's are",
          "the same" if same else "DIFFERENT")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
