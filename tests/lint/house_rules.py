#!/usr/bin/env python3
"""Rules of the house that a compiler doesn't know. Each has a name that its violations carry:

  length    a file of code has at most 500 lines, unless one of its first ten says "long: <why>"
  space     no tabs, no spaces at the end of a line, a newline at the end of the file
  message   no message says "unexpected": it says what was found, and why that is wrong
  sleep     no test sleeps: it waits for an event
  link      a relative link of a page names a file that exists, and a heading that is there
"""

import re
import sys
from pathlib import Path

MOST_LINES = 500
CPP = {".h", ".cc", ".proto"}
SCRIPTS = {".py", ".sh", ".cmake"}
NOT_OURS = {".git", "build", "__pycache__", "node_modules", ".cache", ".pytest_cache"}
# Inputs and expected outputs are what they are.
DATA_FOLDERS = {"corpus", "golden", "data"}

LONG = re.compile(r"\blong: \S+")
STRING = re.compile(r'"(?:\\.|[^"\\\n])*"')
COMMENT = re.compile(r"^\s*(//|\*|#)")
SLEEP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|time\.sleep|asyncio\.sleep|sleep)"
                   r"\s*\(")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE_SPAN = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
HEADING = re.compile(r"^#{1,6} +(.*?) *#*$", re.MULTILINE)
SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*:")


def text_files(root):
    """All files of the repository that are text, as (name, text)."""
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if any(part in NOT_OURS or part.startswith("build-") for part in parts[:-1]):
            continue
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if b"\0" not in content:
                yield "/".join(parts), content.decode("utf-8", errors="replace")


def is_script(name, text):
    return (Path(name).suffix in SCRIPTS or Path(name).name == "CMakeLists.txt"
            or text.startswith("#!"))


def is_test(name):
    return name.startswith("tests/") or re.search(r"_test\.[a-z]+$", name) is not None


def slug(heading):
    """The anchor of a heading, as GitHub and most others form it."""
    heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


class Rules:
    def __init__(self, root):
        self.root = root
        self.violations = []

    def report(self, rule, name, line, message):
        self.violations.append(f"{name}:{line}: {rule}: {message}")

    def check(self):
        for name, text in text_files(self.root):
            if DATA_FOLDERS.isdisjoint(name.split("/")[:-1]):
                self.check_file(name, text)
        return self.violations

    def check_file(self, name, text):
        lines = text.split("\n")
        suffix = Path(name).suffix
        code = suffix in CPP or is_script(name, text)
        if code:
            count = len(lines) - 1
            if count > MOST_LINES and not any(LONG.search(line) for line in lines[:10]):
                self.report("length", name, 1, f'{count} lines; split it, or say at its top why not '
                            '("long: <reason>")')
        if code or suffix == ".md":
            self.check_space(name, text, lines)
        for number, line in enumerate(lines, 1):
            if suffix in CPP and name.startswith(("src/", "include/")) and not is_test(name):
                for literal in STRING.findall(line):
                    if "unexpected" in literal.lower() and not COMMENT.match(line):
                        self.report("message", name, number, f"{literal} says 'unexpected'")
            if code and is_test(name) and not COMMENT.match(line) and SLEEP.search(line):
                self.report("sleep", name, number, "a test waits for an event, never for a time")
        if suffix == ".md":
            self.check_links(name, text)

    def check_space(self, name, text, lines):
        for number, line in enumerate(lines, 1):
            if "\t" in line:
                self.report("space", name, number, "a tab")
            if line != line.rstrip():
                self.report("space", name, number, "spaces at the end of the line")
        if text and not text.endswith("\n"):
            self.report("space", name, len(lines), "no newline at the end of the file")

    def check_links(self, name, text):
        def spaces(match):
            return re.sub(r"[^\n]", " ", match.group(0))

        prose = CODE_SPAN.sub(spaces, FENCE.sub(spaces, text))
        for match in LINK.finditer(prose):
            target = match.group(1)
            if SCHEME.match(target):
                continue
            line = prose.count("\n", 0, match.start()) + 1
            path, _, anchor = target.partition("#")
            file = (self.root / name).parent / path if path else self.root / name
            if not file.exists():
                self.report("link", name, line, f"{target} doesn't exist")
            elif anchor and file.suffix == ".md" and anchor not in self.anchors(file):
                self.report("link", name, line, f"{target}: no such heading")

    @staticmethod
    def anchors(file):
        text = FENCE.sub("", file.read_text(encoding="utf-8"))
        return {slug(heading) for heading in HEADING.findall(text)}


def main(arguments):
    if len(arguments) != 2:
        print(f"usage: {arguments[0]} ROOT_OF_THE_REPOSITORY", file=sys.stderr)
        return 2
    violations = Rules(Path(arguments[1]).resolve()).check()
    for violation in violations:
        print(violation)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
