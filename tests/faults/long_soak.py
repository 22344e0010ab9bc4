"""Half an hour of soak.py (OCHE_SOAK_SECONDS: another time), and what crowds cost (crowd_rate.py prints it)."""

import os

from crowd_rate import measure
from soak import soak


def test_a_host_does_not_grow_under_load_and_faults(monkeypatch):
    monkeypatch.setenv("OCHE_HOME", "")  # put back after soak() has set its own
    assert soak(float(os.environ.get("OCHE_SOAK_SECONDS", "1800"))) == []


def test_honest_work_goes_on_beside_a_crowd():
    measure(rounds=7, seconds=3.0, pending=64)
