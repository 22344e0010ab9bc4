#!/usr/bin/env python3
"""clang-tidy on every source file, except those that passed before with the same content.

A file's content here is its own text, that of every file of the repository that it includes, its
compile command, the configuration, and clang-tidy's version; a passed one leaves an empty file named
by the hash of all that, in the user's cache folder, so that all clones know of it.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

TIDY = "clang-tidy-19"
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">\n]+)[">]', re.MULTILINE)


# Days after which a file that passed and was not asked for again is forgotten.
KEPT = 90


def cache_folder(build):
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ.get("HOME", ""), ".cache")
    return Path(home) / "oche" / "tidy-passed" if os.path.isabs(home) else build / "tidy-passed"


class Cache:
    """Which files passed. Its keys depend neither on time stamps nor on where the clone is."""

    def __init__(self, root, build):
        self.root = root
        self.passed = cache_folder(build)
        self.passed.mkdir(parents=True, exist_ok=True)
        for stamp in self.passed.iterdir():
            if stamp.stat().st_mtime < time.time() - 86400 * KEPT:
                stamp.unlink(missing_ok=True)
        self.version = subprocess.run([TIDY, "--version"], check=True, capture_output=True,
                                      text=True).stdout
        self.folders = [root / "src", root / "include", root / "tests", root, build / "src"]
        self.texts = {}

    def text(self, path):
        if path not in self.texts:
            self.texts[path] = path.read_text(encoding="utf-8", errors="replace")
        return self.texts[path]

    def closure(self, source):
        """The file and all files of the repository that it includes, sorted."""
        seen, rest = set(), [source]
        while rest:
            path = rest.pop()
            if path in seen:
                continue
            seen.add(path)
            for included in INCLUDE.findall(self.text(path)):
                for folder in [path.parent, *self.folders]:
                    candidate = folder / included
                    if candidate.is_file():
                        rest.append(candidate)
                        break
        return sorted(seen)

    def key(self, source, command):
        parts = [self.version, command.replace(str(self.root), "."),
                 self.text(self.root / ".clang-tidy")]
        for path in self.closure(source):
            parts += [str(path.relative_to(self.root)), self.text(path)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def generate_headers(build):
    """Builds the generated headers, which clang-tidy needs and which alone of all is built here."""
    targets = subprocess.run(["ninja", "-C", build, "-t", "targets", "all"], check=True,
                             capture_output=True, text=True).stdout
    headers = sorted(set(re.findall(r"^(\S+\.pb\.h): ", targets, re.MULTILINE)))
    if headers:
        subprocess.run(["ninja", "-C", build, *headers], check=True, stdout=subprocess.DEVNULL)


def tidy(build, source):
    result = subprocess.run([TIDY, "--quiet", "-p", build, source], capture_output=True, text=True,
                            check=False)
    return result.returncode == 0, result.stdout + ("" if result.returncode == 0 else result.stderr)


def main(arguments):
    if len(arguments) != 4:
        print(f"usage: {arguments[0]} ROOT BUILD JOBS", file=sys.stderr)
        return 2
    root, build = Path(arguments[1]).resolve(), Path(arguments[2]).resolve()
    jobs = int(arguments[3])
    subprocess.run(["ninja", "-C", build, "build.ninja"], check=True, stdout=subprocess.DEVNULL)
    generate_headers(build)
    cache = Cache(root, build)
    waiting = {}
    entries = json.loads((build / "compile_commands.json").read_text())
    for entry in entries:
        source = Path(entry["file"])
        if build not in source.parents and source.is_file():
            stamp = cache.passed / cache.key(source, entry["command"])
            if stamp.exists():
                stamp.touch()
            else:
                waiting[source] = stamp
    print(f"{len(waiting)} of {len(entries)} files have changed since they last passed", flush=True)
    failed = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(tidy, build, source): source for source in waiting}
        for done in concurrent.futures.as_completed(running):
            passed, output = done.result()
            source = running[done]
            if passed:
                waiting[source].touch()
            else:
                failed.append(source.relative_to(root).as_posix())
                print(output, flush=True)
    for name in sorted(failed):
        print(f"clang-tidy: {name} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
