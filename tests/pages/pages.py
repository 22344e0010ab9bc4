#!/usr/bin/env python3
"""The commands in the pages are run, and must print what the pages show.

A fence of a page whose first line begins with "$ build/oche" is a session: each line that begins
with "$ " is a command (a backslash at its end continues it), and what follows up to the next one is
what it prints on stdout. Only the seconds that a run took, and the rate that follows from them, may
differ.

usage: pages.py OCHE PAGE…           exit code 1 and the differences where a page is wrong
       pages.py --write OCHE PAGE…   writes what is printed into the pages
"""

import difflib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = "build/oche"
SESSION = re.compile(rf"^```\w*\n(\$ {PROGRAM} .*?)^```$", re.MULTILINE | re.DOTALL)
TOOK = re.compile(r"^(\S+ samples in )\S+ (?:s|min \d+ s) \(\S+ a second\)", re.MULTILINE)


def commands(session):
    """The commands of a session, each with what it shows, both as text of whole lines."""
    found = []
    lines = session.splitlines(keepends=True)
    while lines:
        command = lines.pop(0)
        while command.endswith("\\\n"):
            command += lines.pop(0)
        shown = ""
        while lines and not lines[0].startswith("$ "):
            shown += lines.pop(0)
        found.append((command, shown))
    return found


def printed(oche, command):
    """What the command prints; it runs in a folder of its own."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "OCHE_PROGRAM": str(oche)}
    words = command.removeprefix("$ ").replace(PROGRAM, '"$OCHE_PROGRAM"', 1)
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(["/bin/sh", "-c", words], cwd=folder, env=environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False).stdout


def same(shown, out):
    """Whether both are the same but for the time that the run took."""
    # A session may set commands apart by an empty line.
    return TOOK.sub(r"\1", shown).rstrip("\n") == TOOK.sub(r"\1", out).rstrip("\n")


def corrected(page, run):
    """The page with what `run` says that each command prints, and the differences from what it had."""
    differences = []

    def session(match):
        text = ""
        for command, shown in commands(match[1]):
            out = run(command)
            if not same(shown, out):
                differences.extend(difflib.unified_diff(
                    shown.splitlines(), out.splitlines(), "the page", command.strip(), lineterm=""))
                end = shown[len(shown.rstrip("\n")):]
                shown = out.rstrip("\n") + (end or "\n")
            text += command + shown
        return match[0].replace(match[1], text)

    return SESSION.sub(session, page), differences


def main(arguments):
    write = arguments[:1] == ["--write"]
    oche, *pages = arguments[1:] if write else arguments
    wrong = 0
    for name in pages:
        page = Path(name).read_text(encoding="utf-8")
        if not SESSION.search(page):
            sys.exit(f"{name} has no session (a fence that begins with '$ {PROGRAM}')")
        new, differences = corrected(page, lambda command: printed(Path(oche).resolve(), command))
        if write and new != page:
            Path(name).write_text(new, encoding="utf-8")
        elif differences:
            wrong += 1
            print(f"{name}: it shows what the program doesn't print; if the program is right, run\n"
                  f"  tests/pages/pages.py --write {PROGRAM} {name}", *differences, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
