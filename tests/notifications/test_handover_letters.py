"""Letters about hand-over notes, word for word: who is to sign, what came, what was refused or does not come."""

from itertools import count

import pytest

from app.notifications.quiet import quiet
from app.supply.cargo import KILO, Regime
from app.supply.lots import service
from app.supply.lots.service import entering, handing
from tests.notifications.goldens import same_as_golden
from tests.notifications.test_surplus_letters import JEANNE, PAUL, Farm
from tests.supply.lots.world import TODAY

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture(params=["fr", "en"])
def locale(request):
    return request.param


@pytest.fixture(autouse=True)
def known_refs(monkeypatch):
    numbers = count(1)
    for module in (entering, handing):
        monkeypatch.setattr(module, "new_public_id", lambda: f"K7M2PQ4X{next(numbers)}")


class Barn(Farm):
    """Paul's farm, which hands yoghurt over to Jeanne's association."""

    def draft(self):
        new = service.NewLot("Yaourts", 60 * KILO, Regime.CHILLED, TODAY, origin="Laiterie du Don")
        self.lot = service.enter(self.paul, self.farm.id, new)
        written = service.NewNote(self.farm.id, {self.lot.id: 40 * KILO}, self.ours.id, tenths=35, packages=8)
        return service.draft(self.paul, written)

    def give(self):
        note = self.draft()
        service.give(self.paul, note.id, "Paul Guérin")
        return note


def test_who_receives_is_asked_to_sign(post, locale):
    Barn(locale).give()
    same_as_golden(locale, "handover_given", post.to(JEANNE))


def test_who_gave_reads_what_came_and_why_it_is_less(post, locale):
    barn = Barn(locale)
    with quiet():
        note = barn.give()
    receipt = service.Receipt("Jeanne Moreau", {barn.lot.id: 35 * KILO}, "Un carton ouvert.", tenths=39)
    service.receive(barn.jeanne, note.id, receipt)
    same_as_golden(locale, "handover_received", post.to(PAUL))


def test_who_gave_reads_why_it_was_refused(post, locale):
    barn = Barn(locale)
    with quiet():
        note = barn.give()
    service.refuse(barn.jeanne, note.id, service.Receipt("Jeanne Moreau", None, "Notre frigo est en panne."))
    same_as_golden(locale, "handover_refused", post.to(PAUL))


def test_who_gave_reads_that_what_was_refused_too_warm_is_blocked(post):
    barn = Barn("en")
    with quiet():
        note = barn.give()
    service.refuse(barn.jeanne, note.id, service.Receipt("Jeanne Moreau", None, "Trop chaud.", 120))
    letters = [mail.text for mail in post.run() if mail.to == PAUL]
    assert any("What came back was too warm: its lots are blocked." in each for each in letters)


def test_who_was_to_receive_reads_that_it_does_not_come(post, locale):
    barn = Barn(locale)
    with quiet():
        note = barn.give()
    service.cancel(barn.paul, note.id, "Le camion est en panne.")
    same_as_golden(locale, "handover_cancelled", post.to(JEANNE))


def test_who_receives_reads_what_was_signed_in_its_name(post, locale):
    barn = Barn(locale)
    with quiet():
        note = barn.give()
    service.receive(barn.paul, note.id, service.Receipt("Aïcha, bénévole", tenths=39))
    same_as_golden(locale, "handover_in_your_name", post.to(JEANNE))


def test_who_gave_reads_that_the_receiver_contests_it(post, locale):
    barn = Barn(locale)
    with quiet():
        note = barn.give()
        service.refuse(barn.paul, note.id, service.Receipt("Aïcha", None, "Trop chaud"))
    service.contest(barn.jeanne, note.id, "Personne n’était à l’entrepôt ce jour-là.")
    same_as_golden(locale, "handover_contested", post.to(PAUL))


def test_a_draft_that_is_given_up_tells_nobody(post):
    barn = Barn()
    service.cancel(barn.paul, barn.draft().id, "Erreur")
    assert post.recipients() == []
