#!/usr/bin/env python3
"""Every rule of check_layers.py can fail: a small house without a fault, then one fault at a time."""

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

import check_layers

HOUSE = {
    "include/oche/error.h": "#include <string>\n#include <stdexcept>\n",
    "include/oche/job.h": '#include "oche/error.h"\n',
    "src/base/bytes.h": '#include <bit>\n#include "oche/error.h"\n',
    "src/base/assert.cc": "void f() { std::fprintf(stderr, \"x\"); std::abort(); }\n",
    "src/base/sha256.cc": '#include <openssl/sha.h>\n#include "base/bytes.h"\n',
    "src/math/exp.h": '#include "base/bytes.h"\n',
    "src/math/exp.cc": '#include "math/exp.h"\n#include <hwy/highway.h>\n#include <sleef.h>\n',
    "src/math/exp_test.cc": "#include <gtest/gtest.h>\n#include <mpfr.h>\nint main() { exit(1); }\n",
    "src/random/stream.h": '#include "math/exp.h"\n#include "base/bytes.h"\n',
    "src/formula/parser.h": "// No printf(\"%d\") here, and /* no */ exit(1).\nint exit_code = 1'000;\n",
    "src/wire/session.h": '#include <asio.hpp>\n#include <thread>\n#include "base/bytes.h"\n',
    "src/cli/main.cc": '#include <CLI/CLI.hpp>\n#include "wire/session.h"\nint main() { exit(2); }\n',
    "tests/sim/run.cc": '#include "wire/session.h"\n#include "sim/run.h"\n#include <gtest/gtest.h>\n',
    "tests/sim/run.h": "#include <bit>\n",
    "bench/limits.cc": '#include "bench/limits.h"\n',
    "bench/limits.h": '#include "math/exp.h"\n',
}


def check(changes):
    """The violations of the house with these files replaced or added."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in {**HOUSE, **changes}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return check_layers.House(root).check()


class LayersTest(unittest.TestCase):
    def fails(self, rule, changes, place):
        violations = check(changes)
        self.assertTrue(any(v.startswith(place) and f": {rule}: " in v for v in violations),
                        f"no violation of '{rule}' at {place} in {violations}")

    def test_sound_house_has_no_violation(self):
        self.assertEqual(check({}), [])

    def test_folder_without_a_place(self):
        self.fails("folder", {"src/utilities/a.h": "int a;\n"}, "src/utilities")

    def test_include_upwards(self):
        self.fails("include", {"src/base/a.h": '\n#include "math/exp.h"\n'}, "src/base/a.h:2")

    def test_include_sideways(self):
        self.fails("include", {"src/wire/a.h": '#include "random/stream.h"\n'}, "src/wire/a.h:1")

    def test_include_in_angle_brackets(self):
        self.fails("include", {"src/base/a.h": "#  include <math/exp.h>\n"}, "src/base/a.h:1")

    def test_include_from_a_test_beside_the_code(self):
        self.fails("include", {"src/math/a_test.cc": '#include "wire/session.h"\n'},
                   "src/math/a_test.cc:1")

    def test_transitive_include_is_allowed(self):
        self.assertEqual(check({"src/job/a.h": '#include "math/exp.h"\n'}), [])

    def test_public_header_includes_source(self):
        self.fails("public", {"include/oche/run.h": '#include "base/bytes.h"\n'}, "include/oche/run.h")

    def test_public_header_includes_third_party(self):
        for included in ("<asio.hpp>", "<hwy/highway.h>", "<sys/socket.h>", '"nlohmann/json.hpp"'):
            self.fails("public", {"include/oche/run.h": f"#include {included}\n"}, "include/oche/run.h")

    def test_include_of_nothing(self):
        self.fails("resolve", {"src/base/a.h": '#include "base/nothing.h"\n'}, "src/base/a.h:1")

    def test_include_without_its_folder(self):
        self.fails("resolve", {"src/base/a.cc": '#include "bytes.h"\n'}, "src/base/a.cc:1")

    def test_include_of_a_test_by_the_source(self):
        self.fails("resolve", {"src/base/a.h": '#include "sim/run.h"\n'}, "src/base/a.h:1")
        self.fails("resolve", {"src/base/a.h": '#include "bench/limits.h"\n'}, "src/base/a.h:1")

    def test_cycle_of_folders(self):
        self.fails("cycle", {"src/base/a.h": '#include "math/exp.h"\n'}, "base")

    def test_cycle_of_files(self):
        self.fails("cycle", {"src/math/a.h": '#include "math/b.h"\n',
                             "src/math/b.h": '#include "math/a.h"\n'}, "src/math/a.h")

    def test_third_party_header_out_of_its_place(self):
        for included, place in (("<openssl/evp.h>", "src/math/a.cc"), ("<sqlite3.h>", "src/job/a.cc"),
                                ("<mpi.h>", "src/crew/a.cc"), ("<dlfcn.h>", "src/base/a.cc"),
                                ("<hwy/highway.h>", "src/wire/a.cc"), ("<sleef.h>", "src/formula/a.cc"),
                                ("<asio.hpp>", "src/job/a.cc"), ("<asio/awaitable.hpp>", "src/job/a.cc"),
                                ("<google/protobuf/message.h>", "src/talk/a.cc"),
                                ('"oche.pb.h"', "src/crew/a.h"), ("<CLI/CLI.hpp>", "src/job/a.cc"),
                                ("<nlohmann/json.hpp>", "src/job/a.cc"),
                                ("<gtest/gtest.h>", "src/math/exp.cc"), ("<mpfr.h>", "src/math/exp.cc"),
                                ("<Random123/philox.h>", "src/random/a.cc"),
                                ("<sys/socket.h>", "src/job/a.cc"), ("<thread>", "src/sampling/a.cc"),
                                ("<random>", "src/random/a.cc")):
            with self.subTest(included):
                self.fails("header", {place: f"#include {included}\n"}, f"{place}:1")

    def test_print(self):
        for deed in ("std::cout << 1;", 'printf("x");', 'std::fprintf(stderr, "x");', 'puts("x");',
                     "std::cerr << 1;"):
            with self.subTest(deed):
                self.fails("print", {"src/math/a.cc": f"void f() {{\n  {deed}\n}}\n"}, "src/math/a.cc:2")

    def test_exit(self):
        for deed in ("exit(1);", "std::exit(1);", "std::abort();", "::_exit(3);", "std::terminate();"):
            with self.subTest(deed):
                self.fails("exit", {"src/wire/a.cc": f"void f() {{\n  {deed}\n}}\n"}, "src/wire/a.cc:2")

    def test_members_of_these_names_are_no_deeds(self):
        self.assertEqual(check({"src/math/a.cc": "void f() { parser.exit(1); x->puts(2); }\n"}), [])

    def test_snprintf_is_no_print(self):
        self.assertEqual(check({"src/math/a.cc": 'void f() { std::snprintf(b, 3, "x"); }\n'}), [])

    def test_exit_code_of_the_program(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()), \
                contextlib.redirect_stderr(io.StringIO()):
            root = Path(folder)
            self.assertEqual(check_layers.main(["", folder]), 2)
            (root / "src/base").mkdir(parents=True)
            (root / "src/base/a.h").write_text("#include <bit>\n")
            self.assertEqual(check_layers.main(["", folder]), 0)
            (root / "src/base/b.h").write_text("#include <mpi.h>\n")
            self.assertEqual(check_layers.main(["", folder]), 1)


if __name__ == "__main__":
    sys.exit(unittest.main())
