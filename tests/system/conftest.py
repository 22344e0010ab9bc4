import pytest
from running import Undisturbed


@pytest.fixture(scope="session")
def undisturbed():
    return Undisturbed()
