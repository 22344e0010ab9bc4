"""What a report says of the machine and of the programs that it was made with."""

import os
import platform
import subprocess


def _value_of(path, name):
    """The value of a line `name : value`, or nothing."""
    try:
        with open(path, encoding="ascii", errors="replace") as lines:
            for line in lines:
                if line.startswith(name):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return ""


def _first_line(command):
    try:
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return done.stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return f"{command[0]}: none"


def load():
    """The load average of the last minute."""
    return f"{os.getloadavg()[0]:.1f}"


def describe(oche, numerics):
    """Lines of Markdown: processor, memory, system, compiler, program."""
    processor = _value_of("/proc/cpuinfo", "model name") or platform.processor()
    kilobytes = _value_of("/proc/meminfo", "MemTotal").split()
    memory = f", {int(kilobytes[0]) / 2**20:.0f} GiB" if kilobytes else ""
    release = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    flags = _value_of("/proc/cpuinfo", "flags").split()
    vectors = [name for name in ("avx2", "avx512f", "vaes") if name in flags]
    return [f"- Processor: {processor}, {os.cpu_count()} processors ({', '.join(vectors) or 'no AVX2'}){memory}",
            f"- System: {release}, {platform.system()} {platform.release()}, {platform.machine()}",
            f"- Compiler: {_first_line(['g++', '--version'])}; Python {platform.python_version()}",
            f"- {_first_line([oche, '--version'])}, numerics {numerics}"]
