import os
import sys

import pytest

# The programs, peers and relays that tests of the whole program have in common.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
# pylint: disable-next=wrong-import-position
from running import Undisturbed  # noqa: E402


@pytest.fixture(scope="session")
def undisturbed():
    return Undisturbed()
