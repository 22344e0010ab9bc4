"""The translations mean what oche's expressions mean: their values at points, against Python's own."""

import math
import unittest

import peers_syntax as syntax


def numba_value(expression, **values):
    """The value of the translation to Python's scalar functions."""
    text = syntax.write(syntax.parse(expression), syntax.NUMBA)
    return eval(text, {"math": math}, values)


class Translations(unittest.TestCase):
    """By value where Python can evaluate it, by text where it can't."""

    def test_precedence_is_oche_s(self):
        self.assertEqual(numba_value("-x^2", x=3.0), -9)
        self.assertEqual(numba_value("1-x^2*y/(1+z^2)", x=2.0, y=3.0, z=1.0), -5)
        self.assertEqual(numba_value("not x<y", x=1.0, y=2.0), False)
        self.assertEqual(numba_value("if(x>0.5 or y>0.5, 1, max(x, y, -3))", x=0.25, y=0.5), 0.5)

    def test_numbers_are_doubles_in_c(self):
        self.assertEqual(syntax.write(syntax.parse("1/2*x^3"), syntax.C), "((1.0 / 2.0) * (x*x*x))")

    def test_an_input_may_have_any_name(self):
        problem = syntax.Problem("r*e+pi", ["r=0..1", "e~normal(0,1)"])
        self.assertEqual(problem.names, ["v_r", "v_e"])
        self.assertEqual(eval(problem.value(syntax.NUMBA), {"v_r": 2.0, "v_e": 3.0}), 6 + math.pi)

    def test_what_is_not_known_is_refused(self):
        for expression in ("zeta(x)", "x^y", "x^2.5", "x[1]", "1 +"):
            with self.assertRaises(syntax.Untranslated):
                syntax.write(syntax.parse(expression), syntax.NUMPY)
        for text in ("x", "x=0..y", "x~cauchy(0,1)", "x=3"):
            with self.assertRaises(syntax.Untranslated):
                syntax.Input(text)

    def test_volume_is_that_of_the_finite_ranges(self):
        problem = syntax.Problem("4*(x^2+y<=1)", ["x=-1..2", "y=0..pi", "z~uniform(5,9)"])
        self.assertTrue(problem.counts)
        self.assertAlmostEqual(problem.factor, 4 * 3 * math.pi)

    def test_an_infinite_range_keeps_its_integral(self):
        # The midpoint rule on a smooth integrand that vanishes at both ends.
        for text, truth in (("x=-inf..inf", math.sqrt(math.pi)), ("x=0..inf", math.sqrt(math.pi) / 2),
                            ("x=-inf..0", math.sqrt(math.pi) / 2)):
            problem = syntax.Problem("exp(-x^2)", [text])
            points, value = problem.lines(syntax.NUMBA)
            total, steps = 0.0, 2000
            for i in range(steps):
                known = {"math": math, "u_v_x": (i + 0.5) / steps}
                known[points[0][0]] = eval(points[0][1], known)
                total += eval(value, known)
            self.assertAlmostEqual(problem.factor * total / steps, truth, places=5)


if __name__ == "__main__":
    unittest.main()
