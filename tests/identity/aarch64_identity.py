#!/usr/bin/env python3
"""The digests of a 64-bit Arm build, run by qemu-user, are those of x86-64.

Builds oche_digest by g++ for both (the CMake presets gcc-release and aarch64-release) and runs every case of
the compile matrix on both. Needs Debian's g++-aarch64-linux-gnu and qemu-user, and below build/aarch64/root
the arm64 libraries that `./dev long` unpacks there.
"""

import os
import shutil
import sys
from pathlib import Path

import compile_matrix

BUILDS = ("gcc-release", "aarch64-release")
# An emulated processor without vectors or AES takes about a hundred times as long.
SAMPLES = 2_000_000


def lacking(root):
    """What is missing to build for Arm and to run it, or an empty list."""
    programs = [name for name in ("aarch64-linux-gnu-g++", "qemu-aarch64") if shutil.which(name) is None]
    library = root / "build/aarch64/root/usr/lib/aarch64-linux-gnu/libsleef.so"
    return programs + ([] if library.exists() else [str(library)])


def main(arguments):
    if len(arguments) != 3:
        print(f"usage: {arguments[0]} ROOT_OF_THE_REPOSITORY BUILD_FOLDER", file=sys.stderr)
        return 2
    root, folder = Path(arguments[1]).resolve(), Path(arguments[2]).resolve()
    missing = lacking(root)
    if missing:
        print(f"not there: {', '.join(missing)}; ./dev long gets them", file=sys.stderr)
        return 1
    os.environ.setdefault("CCACHE_BASEDIR", str(root))
    programs = {name: [compile_matrix.build(root, folder, name)] for name in BUILDS}
    libraries = root / "build/aarch64/root/usr/lib/aarch64-linux-gnu"
    programs["aarch64-release"] = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu",
                                   "-E", f"LD_LIBRARY_PATH={libraries}", *programs["aarch64-release"]]
    results = {}
    for name, program in programs.items():
        for target in compile_matrix.run(*program, "--list-simd").split():
            for case in compile_matrix.CASES:
                output = compile_matrix.run(*program, "--simd", target, "--samples", SAMPLES, case)
                results[case, name, target] = compile_matrix.digest_of(output)
                print(f"{name:<16}{target:<14}{case:<12}{results[case, name, target]}", flush=True)
    if {name for _, name, _ in results} != set(BUILDS):
        raise ValueError(f"a build has no SIMD target at all: {sorted(results)}")
    table = compile_matrix.differences(results)
    if table:
        print("\nThe digests of a case differ (* marks those that differ from most):")
        print("\n".join(table))
        return 1
    print(f"\n{len(results)} runs of {len(compile_matrix.CASES)} cases, one digest each")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
