#!/usr/bin/env python3
"""Every rule of house_rules.py can fail, and what it allows passes."""

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

import house_rules

# Put together here, so that this file keeps the rules that it tests.
NAP = "sle" + "ep"


def check(files):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return house_rules.Rules(root).check()


class HouseRulesTest(unittest.TestCase):
    def fails(self, rule, place, files):
        violations = check(files)
        self.assertEqual(len(violations), 1, violations)
        self.assertTrue(violations[0].startswith(f"{place}: {rule}: "), violations)

    def passes(self, files):
        self.assertEqual(check(files), [])

    def test_length(self):
        self.passes({"src/a.cc": "\n" * 500, "notes.txt": "\n" * 501})
        self.fails("length", "src/a.cc:1", {"src/a.cc": "\n" * 501})
        self.fails("length", "dev:1", {"dev": "#!/bin/sh\n" + "\n" * 500})
        self.passes({"src/a.cc": "// long: one table\n" + "\n" * 501})
        self.fails("length", "src/a.cc:1", {"src/a.cc": "// long:\n" + "\n" * 501})

    def test_space(self):
        self.fails("space", "src/a.h:2", {"src/a.h": "\nint a; \n"})
        self.fails("space", "src/a.h:1", {"src/a.h": "\tint a;\n"})
        self.fails("space", "src/a.h:1", {"src/a.h": "int a;"})
        self.fails("space", "a.md:1", {"a.md": "a \n"})
        self.passes({"tests/x/data/a.py": "a \n"})

    def test_message(self):
        self.fails("message", "src/a.cc:1", {"src/a.cc": 'f("Unexpected end");\n'})
        self.passes({"src/a.cc": "int unexpected;\n// \"unexpected\"\n"})

    def test_sleep(self):
        for name, line in (("src/a/a_test.cc", f"std::this_thread::{NAP}_for(1s);\n"),
                           ("src/a/a_test.cc", f"u{NAP}(10);\n"),
                           ("tests/sim/test_a.py", f"time.{NAP}(1)\n"),
                           ("tests/sim/run.cc", f"::{NAP} (1);\n")):
            with self.subTest(line):
                self.fails("sleep", f"{name}:1", {name: line})
        self.passes({"src/a/a.cc": f"{NAP}_for(1s);\n", "tests/a.cc": f"// no {NAP}(1)\n"})

    def test_link(self):
        page = "# The one Idea: `x`\n"
        self.passes({"a.md": "[a](docs/b.md#the-one-idea-x) [b](https://x.org/y) [c](#d) ![e](f.svg)\n"
                             "# D\n", "docs/b.md": page, "f.svg": ""})
        self.fails("link", "a.md:2", {"a.md": "\n[a](docs/c.md)\n", "docs/b.md": page})
        self.fails("link", "a.md:1", {"a.md": "[a](docs/b.md#the-two)\n", "docs/b.md": page})
        self.fails("link", "docs/b.md:1", {"docs/b.md": "[a](docs/b.md)\n"})
        self.passes({"a.md": "```\n[a](nothing.md)\n```\n`[a](nothing.md)`\n"})

    def test_what_is_not_ours_is_left_alone(self):
        self.passes({"build/a.cc": "int a; \n", "build-x/a.py": "a \n", ".git/a.md": "[a](b)"})

    def test_exit_code_of_the_program(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()), \
                contextlib.redirect_stderr(io.StringIO()):
            self.assertEqual(house_rules.main([""]), 2)
            self.assertEqual(house_rules.main(["", folder]), 0)
            (Path(folder) / "a.md").write_text("[a](b)\n")
            self.assertEqual(house_rules.main(["", folder]), 1)


if __name__ == "__main__":
    sys.exit(unittest.main())
