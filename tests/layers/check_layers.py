#!/usr/bin/env python3
"""Checks the house: which folder of src/ includes which, and what each may do.

The rules, each with a name that its violations carry:
  folder     every folder of src/ has its place in MAY_INCLUDE
  include    a folder includes itself, include/oche, and what MAY_INCLUDE allows (transitively)
  public     include/oche includes the standard library and itself only
  resolve    a quoted include names a file from the root of src/ or include/; tests, benchmarks and
             fuzz targets may also name one from the root of tests/ or of the repository
  cycle      no cycle between folders, nor between files
  header     each third-party header family stands in the few files that hide it; sockets and threads
             are for the shells, and <random>'s distributions for nobody
  print      only src/cli/ prints
  exit       only src/cli/ ends the process (the assertion aborts)
Tests beside the code (*_test.cc) belong to their folder; GoogleTest and the references that answers
are compared with (MPFR, Random123) are for them alone.
"""

import re
import sys
from pathlib import Path

MAY_INCLUDE = {
    "base": [],
    "math": ["base"],
    "random": ["math"],
    "formula": ["math"],
    "integrand": ["formula", "random"],
    "tally": ["math"],
    "sampling": ["random", "integrand", "tally"],
    "job": ["sampling"],
    "report": ["job"],
    "wire": ["base"],
    "crew": ["job", "wire"],
    "talk": ["wire"],
    "chapter": ["talk"],
    "host": ["crew", "talk", "report"],
    "cli": ["report", "crew", "talk", "chapter", "host"],
}

TEST_FILES = ["src/*/*_test.cc", "src/*/*_test.h", "tests/", "bench/*_test.cc"]
SHELLS = ["src/wire/", "src/crew/", "src/talk/", "src/chapter/", "src/host/", "src/cli/", "bench/"]
SHELLS += TEST_FILES

# Family: (what its headers look like, the files that may include them; a name ending in / is a
# folder, and * stands for any characters but /).
THIRD_PARTY = {
    "OpenSSL": (r"openssl/", ["src/base/sha256.cc", "src/wire/tls_library.h"]),
    "SQLite": (r"sqlite3\.h", ["src/job/sqlite.cc"]),
    "MPI": (r"mpi\.h", ["src/crew/mpi.cc"]),
    "dlopen": (r"dlfcn\.h", ["src/integrand/plugin.cc", "src/wire/tls_library.cc"]),
    "Highway": (r"hwy/", ["src/math/", "src/random/", "src/formula/", "src/integrand/", "src/tally/",
                          "src/sampling/", "bench/"]),
    "SLEEF": (r"sleef", ["src/math/*.cc", "src/math/*-inl.h", "bench/"]),
    "asmjit": (r"asmjit/", ["src/integrand/assembly.cc"]),
    "Asio": (r"(boost/)?asio", ["src/wire/", "src/crew/", "src/talk/", "src/chapter/", "src/host/"]),
    "http-parser": (r"http_parser\.h", ["src/wire/http_exchange.cc"]),
    "Protocol Buffers": (r"google/protobuf/|.*\.pb\.h", ["src/wire/", "src/crew/*.cc"] + TEST_FILES),
    "CLI11": (r"CLI/", ["src/cli/*.cc"]),
    "JSON": (r"nlohmann/", ["src/report/*.cc", "src/host/log_line.cc"]),
    "sockets": (r"(sys/socket|netdb|poll|sys/epoll)\.h|netinet/|arpa/", SHELLS),
    "threads": (r"(thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier)$",
                SHELLS),
    # Its distributions differ between libraries; ours are in src/random/.
    "<random>": (r"random$", TEST_FILES),
    "GoogleTest": (r"g(test|mock)/", TEST_FILES),
    "MPFR": (r"(mpfr|gmp)\.h", TEST_FILES + ["src/math/mpfr_reference.h"]),
    "Boost.Math": (r"boost/math/", TEST_FILES),
    "Random123": (r"Random123/", TEST_FILES + ["bench/"]),
    "TestU01": (r"(bbattery|unif01|swrite|TestU01)\.h", ["tests/streams/testu01.cc"]),
}

PRINTS = re.compile(r"\bstd::(cout|cerr|clog)\b|(?<![\w.>])(?:std::)?(v?printf|v?fprintf|puts|fputs|"
                    r"putchar|fputc|perror)\s*\(")
EXITS = re.compile(r"(?<![\w.>])(?:std::|::)?(_?exit|_Exit|quick_exit|abort|terminate)\s*\(")
# The assertion must say what broke before it aborts.
MAY_PRINT_AND_ABORT = "src/base/assert.cc"

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.MULTILINE)
TOKENS = re.compile(r'//[^\n]*|/\*.*?\*/|R"([^(\s]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'
                    r"|'(?:\\.|[^'\\\n])+'", re.DOTALL)
STANDARD_HEADER = re.compile(r"^[a-z0-9_]+$")
SUFFIXES = {".h", ".cc", ".inc"}


def blank(text, keep_strings):
    """The text without comments (and without the contents of literals), its lines kept in place."""

    def replace(match):
        token = match.group(0)
        if not token.startswith("/") and (keep_strings or token.startswith("'")):
            return token
        return re.sub(r"[^\n]", " ", token)

    # A digit separator (1'000) is no literal.
    return TOKENS.sub(replace, re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", " ", text))


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def allowed_folders(folder):
    """The folder and all that it may include, transitively."""
    seen, rest = set(), [folder]
    while rest:
        one = rest.pop()
        if one not in seen:
            seen.add(one)
            rest += MAY_INCLUDE.get(one, [])
    return seen


def matches(path, patterns):
    for pattern in patterns:
        if pattern.endswith("/"):
            if path.startswith(pattern):
                return True
        elif re.fullmatch(re.escape(pattern).replace(r"\*", "[^/]*"), path):
            return True
    return False


def find_cycle(graph):
    """One cycle of a graph {node: set of nodes} as a list whose ends are equal, or None."""
    done = set()
    for start in sorted(graph):
        path, stack = [], [(start, iter(sorted(graph[start])))]
        path.append(start)
        while stack:
            node, successors = stack[-1]
            successor = next((s for s in successors if s not in done), None)
            if successor is None:
                done.add(node)
                stack.pop()
                path.pop()
            elif successor in path:
                return path[path.index(successor):] + [successor]
            elif successor in graph:
                path.append(successor)
                stack.append((successor, iter(sorted(graph[successor]))))
    return None


class House:
    def __init__(self, root):
        self.root = root
        self.violations = []
        self.files = {}
        for top in ("include", "src", "tests", "bench", "fuzz"):
            for path in sorted((root / top).rglob("*")):
                if path.suffix in SUFFIXES:
                    name = path.relative_to(root).as_posix()
                    self.files[name] = path.read_text(encoding="utf-8", errors="replace")

    def report(self, rule, name, line, message):
        self.violations.append(f"{name}:{line}: {rule}: {message}")

    def resolve(self, name, included):
        """The repository's file that an include of the file `name` names, or None."""
        roots = ["src/", "include/"]
        if not name.startswith(("src/", "include/")):
            roots += ["tests/", ""]
        return next((r + included for r in roots if r + included in self.files), None)

    def check(self):
        file_graph = {name: set() for name in self.files}
        folder_graph = {folder: set() for folder in MAY_INCLUDE}
        for folder in sorted({n.split("/")[1] for n in self.files if n.startswith("src/")}):
            if folder not in MAY_INCLUDE:
                self.report("folder", f"src/{folder}", 1, "has no place in MAY_INCLUDE")
        for name, text in self.files.items():
            self.check_includes(name, blank(text, keep_strings=True), file_graph, folder_graph)
            if name.startswith(("src/", "include/")) and not name.startswith("src/cli/"):
                if not matches(name, TEST_FILES + [MAY_PRINT_AND_ABORT]):
                    self.check_deeds(name, blank(text, keep_strings=False))
        for graph, what in ((folder_graph, "folders"), (file_graph, "files")):
            cycle = find_cycle(graph)
            if cycle:
                self.report("cycle", cycle[0], 1, f"{what} include each other: {' -> '.join(cycle)}")
        return self.violations

    def check_includes(self, name, code, file_graph, folder_graph):
        top, folder = name.split("/")[0], name.split("/")[1]
        for match in INCLUDE.finditer(code):
            line = line_of(code, match.start())
            quoted, angled = match.groups()
            for family, (pattern, patterns) in THIRD_PARTY.items():
                if re.match(pattern, quoted or angled) and not matches(name, patterns):
                    self.report("header", name, line, f"{family} ({quoted or angled}) is not for this "
                                f"file; it stands in {', '.join(patterns)}")
            target = self.resolve(name, quoted or angled)
            if target is None:
                self.check_foreign(name, line, quoted, angled)
                continue
            file_graph[name].add(target)
            if top == "include" and not target.startswith("include/"):
                self.report("public", name, line, f"the public API includes {target}")
            if top == "src" and target.startswith("src/"):
                other = target.split("/")[1]
                if other != folder:
                    folder_graph.setdefault(folder, set()).add(other)
                if other not in allowed_folders(folder):
                    self.report("include", name, line, f"{folder} may not include {other} ({target})")

    def check_foreign(self, name, line, quoted, angled):
        """An include that is no file of ours."""
        if name.startswith("include/") and not STANDARD_HEADER.match(angled or "?"):
            self.report("public", name, line, f"the public API includes {quoted or angled}")
        third_party = any(re.match(p, quoted or angled) for p, _ in THIRD_PARTY.values())
        if quoted and not third_party:
            self.report("resolve", name, line, f'"{quoted}" is no file that this one may name')

    def check_deeds(self, name, code):
        for rule, pattern, deed in (("print", PRINTS, "prints"), ("exit", EXITS, "ends the process")):
            for match in pattern.finditer(code):
                self.report(rule, name, line_of(code, match.start()),
                            f"{match.group(0).strip(' (')} {deed}, which is for src/cli/ alone")


def main(arguments):
    if len(arguments) != 2:
        print(f"usage: {arguments[0]} ROOT_OF_THE_REPOSITORY", file=sys.stderr)
        return 2
    house = House(Path(arguments[1]).resolve())
    if not any(name.startswith("src/") for name in house.files):
        print(f"{arguments[1]} has no source in src/", file=sys.stderr)
        return 2
    violations = house.check()
    for violation in violations:
        print(violation)
    print(f"{len(house.files)} files, {len(violations)} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
