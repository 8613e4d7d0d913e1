import pytest

from tests.payments.settlement.town import SettlingTown


@pytest.fixture
def town(session, frozen):
    return SettlingTown("a", "b", "c", "d", "mairie")
