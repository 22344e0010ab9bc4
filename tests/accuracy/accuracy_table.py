#!/usr/bin/env python3
"""The table of the functions' errors in docs/methods/functions.md, between its two marks.

accuracy_table.py FOLDER PAGE   writes it, of the lines that math_test left in FOLDER (OCHE_ACCURACY_FOLDER)
accuracy_table.py --check PAGE LIST   fails where the page's bounds are not those of src/math/function_list.h,
                                where a function has no row, or where what was found is above its bound
"""

import re
import sys
from pathlib import Path

BEGIN = "<!-- accuracy_table.py: begin -->"
END = "<!-- accuracy_table.py: end -->"
HEAD = ("| function | bound | largest found | at | of the hard ones | arguments |\n"
        "|---|---|---|---|---|---|\n")
ROW = re.compile(r"^\| `(\w+)` \| ([0-9.]+) \| ([0-9.]+) \| (.+) \| ([0-9.]+|-) \| ([0-9]+) \|$", re.MULTILINE)


def bounds(text):
    """{function: bound} of function_list.h."""
    found = {name: float(bound) for name, bound in
             re.findall(r"^  X\((\w+), \w+, \d+, ([0-9.]+)\)", text, re.MULTILINE)}
    for name, constant in (("pow", "kLargestErrorOfPow"), ("normal_quantile", "kLargestErrorOfNormalQuantile")):
        found[name] = float(re.search(rf"{constant} = ([0-9.]+);", text).group(1))
    return found


def rows(lines, bound_of):
    """Rows of the table, in the order of function_list.h, of lines as math_test writes them."""
    found = {}
    for line in lines:
        name, arguments, largest, where, of_hard_ones = line.rstrip("\n").split("\t")
        hard = f"{float(of_hard_ones):.3f}" if float(of_hard_ones) >= 0 else "-"
        found[name] = (f"| `{name}` | {bound_of[name]:g} | {float(largest):.3f} | {where} | {hard} | "
                       f"{arguments} |")
    return [found[name] for name in bound_of if name in found]


def faults(page, bound_of):
    """What is wrong with a page's table."""
    table = {name: (float(bound), float(largest)) for name, bound, largest, *_ in ROW.findall(page)}
    wrong = [f"{name} has no row" for name in bound_of if name not in table]
    for name, (bound, largest) in table.items():
        if bound != bound_of.get(name):
            wrong.append(f"{name}: the page's bound is {bound}, function_list.h has {bound_of.get(name)}")
        if largest > bound:
            wrong.append(f"{name}: {largest} is above its bound {bound}")
    return wrong


def replaced(page, table):
    """The page with another table between its marks."""
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n{HEAD}" + "".join(row + "\n" for row in table) + f"{END}{after}"


def main(arguments):
    if len(arguments) == 4 and arguments[1] == "--check":
        page = Path(arguments[2]).read_text(encoding="utf-8")
        wrong = faults(page, bounds(Path(arguments[3]).read_text(encoding="utf-8")))
        print("\n".join(wrong) or "the table is that of the functions")
        return 1 if wrong else 0
    if len(arguments) == 3:
        folder, page = Path(arguments[1]), Path(arguments[2])
        lines = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.tsv"))]
        list_of_functions = Path(__file__).resolve().parents[2] / "src/math/function_list.h"
        table = rows(lines, bounds(list_of_functions.read_text(encoding="utf-8")))
        page.write_text(replaced(page.read_text(encoding="utf-8"), table), encoding="utf-8")
        print(f"{len(table)} functions")
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv))
