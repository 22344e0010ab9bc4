#!/usr/bin/env python3
"""The table of errors is made and checked as it says."""

import unittest

import accuracy_table

LIST = """  X(sqrt, Sqrt, 6, 0.5)             \\
  X(atan2, Atan2, 44, 0.9)  \\
inline constexpr double kLargestErrorOfPow = 2.0;
inline constexpr double kLargestErrorOfNormalQuantile = 5.5;
"""
LINES = ["sqrt\t100\t0.5\t4.25\t-1\n", "atan2\t100\t0.8123\t1, 2\t0.5\n", "pow\t100\t0.6\t3, 4\t-1\n",
         "normal_quantile\t100\t4.5\t1e-178\t-1\n"]
PAGE = f"Text.\n\n{accuracy_table.BEGIN}\nold\n{accuracy_table.END}\n\nMore.\n"


class AccuracyTableTest(unittest.TestCase):
    def setUp(self):
        self.bounds = accuracy_table.bounds(LIST)
        self.page = accuracy_table.replaced(PAGE, accuracy_table.rows(LINES, self.bounds))

    def test_what_was_written_is_right(self):
        self.assertIn("| `atan2` | 0.9 | 0.812 | 1, 2 | 0.500 | 100 |\n", self.page)
        self.assertNotIn("old", self.page)
        self.assertTrue(self.page.startswith("Text.") and self.page.endswith("More.\n"))
        self.assertEqual(accuracy_table.faults(self.page, self.bounds), [])

    def test_a_missing_row_is_found(self):
        page = accuracy_table.replaced(PAGE, accuracy_table.rows(LINES[1:], self.bounds))
        self.assertEqual(accuracy_table.faults(page, self.bounds), ["sqrt has no row"])

    def test_another_bound_is_found(self):
        self.assertEqual(len(accuracy_table.faults(self.page, {**self.bounds, "atan2": 1.0})), 1)

    def test_an_error_above_its_bound_is_found(self):
        page = self.page.replace("0.812", "0.912")
        self.assertEqual(len(accuracy_table.faults(page, self.bounds)), 1)


if __name__ == "__main__":
    unittest.main()
