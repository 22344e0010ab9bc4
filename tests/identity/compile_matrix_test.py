#!/usr/bin/env python3
"""The comparison of the compile matrix finds what differs."""

import sys
import unittest

import compile_matrix

A, B = "a" * 64, "b" * 64


class CompileMatrixTest(unittest.TestCase):
    def test_equal_digests_have_no_differences(self):
        results = {("pi", "gcc-release", "AVX3"): A, ("pi", "clang-debug", "EMU128"): A,
                   ("costly", "gcc-release", "AVX3"): B}
        self.assertEqual(compile_matrix.differences(results), [])

    def test_one_different_digest_is_marked(self):
        results = {("pi", "gcc-release", "AVX3"): A, ("pi", "gcc-release", "AVX2"): A,
                   ("pi", "clang-debug", "AVX2"): B, ("costly", "gcc-release", "AVX3"): B}
        lines = compile_matrix.differences(results)
        self.assertEqual(len(lines), 3)
        marked = [line for line in lines if line.startswith("*")]
        self.assertEqual(len(marked), 1)
        self.assertIn("clang-debug", marked[0])
        self.assertIn(B, marked[0])

    def test_digest_is_found_in_a_line(self):
        self.assertEqual(compile_matrix.digest_of(f"digest {A}\n"), A)
        self.assertEqual(compile_matrix.digest_of(f"pi AVX2 {A}\n"), A)

    def test_no_digest_or_two_are_refused(self):
        for output in ("", "digest\n", f"{A}\n{B}\n", "a" * 65):
            with self.subTest(output), self.assertRaises(ValueError):
                compile_matrix.digest_of(output)


if __name__ == "__main__":
    sys.exit(unittest.main())
