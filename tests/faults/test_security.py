"""Every line of SECURITY.md's table names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LINE = re.compile(r"^\| (?P<what>[^|]+) \| (?P<how>[^|]+) \| (?P<tests>`.*`) \|$", re.MULTILINE)


def test_each_line_names_tests_that_exist():
    page = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    table = page[page.index("| who: what |"):].partition("\n\n")[0]
    lines = LINE.findall(table)
    assert len(lines) == len(table.strip().splitlines()) - 2 > 20
    for what, _, tests in lines:
        for group in tests.split("; "):
            file, *names = re.findall(r"`([^`]+)`", group)
            found = [path for folder in ("src", "tests") for path in (ROOT / folder).rglob(file)]
            assert len(found) == 1, (what, file, found)
            text = found[0].read_text(encoding="utf-8")
            assert names, (what, file)
            for name in names:
                defined = rf"^def {name}\(" if file.endswith(".py") else rf"^TEST(_F|_P)?\(\w+, {name}\)"
                assert re.search(defined, text, re.MULTILINE), (what, file, name)
