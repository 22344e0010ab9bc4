#!/usr/bin/env python3
"""systemd accepts the unit of a host, with the program that was built in its place.

usage: host_unit_test.py UNIT OCHE      where there is no systemd-analyze, only the paths are looked at
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def main(unit, oche):
    text = Path(unit).read_text(encoding="utf-8")
    assert "\nExecStart=/usr/bin/oche host " in text
    options = re.search(r"^ExecStart=\S+ (.*) \$OPTIONS$", text, re.MULTILINE).group(1).split()
    shown = subprocess.run([oche, "host", "--help"], text=True, capture_output=True, check=True).stdout
    for option in options[1:]:
        assert not option.startswith("--") or option in shown, option
    if shutil.which("systemd-analyze") is None:
        print("there is no systemd-analyze here: the unit isn't verified")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder) / Path(unit).name
        there.write_text(text.replace("/usr/bin/oche", str(Path(oche).resolve())), encoding="utf-8")
        verified = subprocess.run(["systemd-analyze", "verify", "--man=no", there], text=True,
                                  capture_output=True, check=False)
    # It tells of other units of this computer, too.
    problems = [line for line in verified.stderr.splitlines() if "oche-host" in line]
    print("\n".join(problems))
    return 1 if problems or verified.returncode != 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
