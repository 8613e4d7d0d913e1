"""The letter of a recall, word for word."""

from itertools import count

import pytest

from app.notifications.quiet import quiet
from app.supply.lots import service
from app.supply.lots.service import entering, handing
from tests.factories import a_coordinator
from tests.notifications.goldens import same_as_golden
from tests.notifications.test_handover_letters import Barn
from tests.notifications.test_surplus_letters import JEANNE

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_who_has_something_of_it_is_told_to_put_it_aside(post, locale, monkeypatch):
    numbers = count(1)
    for module in (entering, handing):
        monkeypatch.setattr(module, "new_public_id", lambda: f"K7M2PQ4X{next(numbers)}")
    barn = Barn(locale)
    a_coordinator(barn.territory, email="camille@pat.example")
    with quiet():
        service.receive(barn.jeanne, barn.give().id, service.Receipt("Jeanne Moreau", tenths=40))
    service.recall(barn.paul, barn.lot.id, "Listeria dans ce lot. Mettez-le de côté.")
    mails = {mail.to: mail for mail in post.run()}
    assert sorted(mails) == ["camille@pat.example", JEANNE]
    same_as_golden(locale, "lot_recalled", mails[JEANNE])
