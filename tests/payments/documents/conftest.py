import pytest

from tests.payments.documents.town import BillingTown


@pytest.fixture
def town(session, frozen):
    return BillingTown()
