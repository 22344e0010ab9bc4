#!/usr/bin/env python3
"""The judgement of dieharder's p-values can fail."""

import unittest

import dieharder


class DieharderTest(unittest.TestCase):
    def test_lines_are_read(self):
        output = ("#====#\n   diehard_birthdays|   0|0.62938907\n"
                  "          sts_serial|  16|1.00000000\n")
        self.assertEqual(dieharder.parse(output),
                         [("diehard_birthdays", 0, 0.62938907), ("sts_serial", 16, 1.0)])

    def test_chance_passes(self):
        self.assertEqual(dieharder.judge([("a", 0, (i + 0.5) / 100) for i in range(100)]), [])

    def test_one_failure_is_a_fault_at_either_end(self):
        for p in (0.0, 1e-7, 1.0, float("nan")):
            with self.subTest(p):
                self.assertEqual(len(dieharder.judge([("a", 0, 0.5)] * 99 + [("b", 2, p)])), 1)

    def test_too_many_weak_ones_are_a_fault(self):
        # 100 values: P(10 or more outside) is 7.6e-8, P(8 or more) 8.2e-6 (binomial, p = 0.01).
        weak, strong = ("a", 0, 0.001), ("b", 0, 0.5)
        self.assertEqual(dieharder.judge([weak] * 8 + [strong] * 92), [])
        self.assertEqual(len(dieharder.judge([weak] * 10 + [strong] * 90)), 1)

    def test_nothing_is_a_fault(self):
        self.assertEqual(len(dieharder.judge([])), 1)


if __name__ == "__main__":
    unittest.main()
