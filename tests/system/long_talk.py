"""Large rings: the host's memory doesn't grow with them, and MPI brings the same bytes."""

import hashlib
import os
import random
import shutil
import subprocess

import many_talkers
import pytest
from ring import HOST_MEMORY, MIB, Talker, make_file, peak_memory, ring, swap
from running import PATIENCE


def test_three_of_a_gibibyte(tmp_path):
    try:
        assert swap(tmp_path, 3, 1024 * MIB) < HOST_MEMORY
    finally:
        shutil.rmtree(tmp_path)


def test_64_of_16_mebibytes(tmp_path):
    try:
        assert swap(tmp_path, 64, 16 * MIB) < HOST_MEMORY
    finally:
        shutil.rmtree(tmp_path)


def test_a_thousand_of_64_kibibytes():
    peaks = []
    # They speak the protocol themselves, which has no keys in it.
    with ring(1000, "--insecure") as host:
        messages = [random.Random(i).randbytes(65536) for i in range(1000)]
        many_talkers.swap(host.port, messages, lambda: peaks.append(peak_memory(host.process)))
        host.ends_with(0)
    print(f"the host's peak: {peaks[0] / MIB:.1f} MiB")
    assert peaks[0] < HOST_MEMORY


@pytest.mark.skipif(not (shutil.which("mpirun") and shutil.which("mpicc")),
                    reason="mpirun or mpicc isn't here (Debian: openmpi-bin, libopenmpi-dev)")
def test_a_ring_of_8_gives_what_mpi_sendrecv_gives(tmp_path):
    size = 3 * MIB + 1
    for i in range(8):
        make_file(tmp_path / str(i), size, i)
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sendrecv_ring.c")
    subprocess.run(["mpicc", "-o", tmp_path / "ring", source], check=True, timeout=PATIENCE)
    subprocess.run(["mpirun", "--allow-run-as-root", "--oversubscribe", "--mca",
                    "btl_vader_single_copy_mechanism", "none", "-n", "8", tmp_path / "ring", tmp_path,
                    str(size)], check=True, timeout=PATIENCE)
    with ring(8) as host:
        members = []
        try:
            for i in range(8):
                with open(tmp_path / str(i), "rb") as stdin:
                    members.append(Talker(host.place, "--as", str(i + 1), stdin=stdin, hashed=True))
            for i, member in enumerate(members):
                by_mpi = hashlib.sha256((tmp_path / f"mpi.{i}").read_bytes()).hexdigest()
                assert member.hash() == by_mpi, i
        finally:
            for member in members:
                member.__exit__()
        host.ends_with(0)
