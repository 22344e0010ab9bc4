#!/usr/bin/env python3
"""The pages are read and corrected as the script says."""

import unittest

import pages

PAGE = """Text `$ build/oche`.

```
$ build/oche pi \\
    --samples 2
pi = 3
2 samples in 0.1 s (20 a second), method plain

$ build/oche ln2
ln2 = 0.7

second paragraph
```

```sh
not a session
```
"""
PRINTS = {"$ build/oche pi \\\n    --samples 2\n":
          "pi = 3\n2 samples in 3 min 20 s (1e+06 a second), method plain\n",
          "$ build/oche ln2\n": "ln2 = 0.7\n\nsecond paragraph\n"}


class PagesTest(unittest.TestCase):
    def test_a_page_that_is_right_stays_as_it_is(self):
        self.assertEqual(pages.corrected(PAGE, PRINTS.__getitem__), (PAGE, []))

    def test_every_command_is_run(self):
        ran = []
        pages.corrected(PAGE, lambda command: ran.append(command) or "")
        self.assertEqual(ran, list(PRINTS))

    def test_a_difference_is_found_and_corrected(self):
        for wrong in (PAGE.replace("pi = 3\n", "pi = 4\n"), PAGE.replace("second p", "p"),
                      PAGE.replace("2 samples in", "3 samples in"), PAGE.replace("ln2 = 0.7\n\n", ""),
                      PAGE.replace("paragraph\n", "paragraph\nmore\n")):
            new, differences = pages.corrected(wrong, PRINTS.__getitem__)
            self.assertTrue(differences, wrong)
            self.assertEqual(pages.corrected(new, PRINTS.__getitem__), (new, []))
            for out in PRINTS.values():
                self.assertIn(out.splitlines()[0], new)
            self.assertTrue(new.endswith("```\n\n```sh\nnot a session\n```\n"), new)


if __name__ == "__main__":
    unittest.main()
