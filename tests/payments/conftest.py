import pytest

from tests.payments.books import Town


@pytest.fixture
def town(session, frozen):
    return Town("kitchen", "van", "cold", "farm", "pat", "commune", "a", "b", "c")
