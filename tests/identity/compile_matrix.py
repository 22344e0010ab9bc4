#!/usr/bin/env python3
"""One job, one digest, whoever compiled it and whatever vectors it runs on.

Builds oche_digest, which is the pure folders behind a small main, by g++ and clang-19, each as
release and debug (the CMake presets of these names), and runs every case on every SIMD target that
this machine has. All digests of a case must be equal; a table says which are not.
"""

import collections
import concurrent.futures
import os
import re
import subprocess
import sys
from pathlib import Path

BUILDS = ("gcc-release", "gcc-debug", "clang-release", "clang-debug")
CASES = ("pi", "costly", "stratified", "distribution", "data")
SAMPLES = 10_000_000
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


def run(*command, **options):
    """The standard output of a command; its standard error is ours. Raises where it fails."""
    return subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE,
                          text=True, **options).stdout


def build(root, folder, name):
    """Configures and builds one variant; returns the program."""
    binary = folder / name
    if not (binary / "build.ninja").exists():
        run("cmake", "--preset", name, "-B", binary, "--log-level=WARNING", cwd=root)
    jobs = str(os.cpu_count() or 1)
    try:
        run("ninja", "-C", binary, "-j", jobs, "oche_digest")
    except subprocess.CalledProcessError as error:
        print(error.stdout)
        raise
    return binary / "oche_digest"


def digest_of(output):
    """The digest in what oche_digest printed."""
    found = DIGEST.findall(output)
    if len(found) != 1:
        raise ValueError(f"no single digest in {output!r}")
    return found[0]


def differences(results):
    """Lines of a table, one for each run of a case whose runs disagree; empty where all agree.

    results: {(case, build, target): digest}. The digest that most runs have is not marked.
    """
    lines = []
    for case in sorted({key[0] for key in results}):
        runs = {key: digest for key, digest in results.items() if key[0] == case}
        counts = collections.Counter(runs.values())
        if len(counts) > 1:
            common = counts.most_common(1)[0][0]
            for (_, name, target), digest in runs.items():
                mark = " " if digest == common else "*"
                lines.append(f"{mark} {case:<12}{name:<16}{target:<14}{digest}")
    return lines


def main(arguments):
    if len(arguments) != 3:
        print(f"usage: {arguments[0]} ROOT_OF_THE_REPOSITORY BUILD_FOLDER", file=sys.stderr)
        return 2
    root, folder = Path(arguments[1]).resolve(), Path(arguments[2]).resolve()
    # As ./dev sets it: objects that another build of the same flags made are taken from ccache.
    os.environ.setdefault("CCACHE_BASEDIR", str(root))
    programs = {name: build(root, folder, name) for name in BUILDS}
    targets = {name: run(program, "--list-simd").split() for name, program in programs.items()}
    results = {}

    def digest(case, name, target):
        output = run(programs[name], "--simd", target, "--samples", SAMPLES, case)
        results[case, name, target] = digest_of(output)
        print(f"{name:<16}{target:<14}{case:<12}{results[case, name, target]}", flush=True)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = [pool.submit(digest, case, name, target)
                for name in BUILDS for target in targets[name] for case in CASES]
        for done in runs:
            done.result()
    if min(len(names) for names in targets.values()) < 2:
        raise ValueError("one SIMD target only (the portable fallback is always another)")
    table = differences(results)
    if table:
        print("\nThe digests of a case differ (* marks those that differ from most):")
        print("\n".join(table))
        return 1
    print(f"\n{len(results)} runs of {len(CASES)} cases, one digest each")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
