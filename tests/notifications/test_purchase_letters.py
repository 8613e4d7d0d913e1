"""Letters about group purchases, word for word: changed, taking place, cancelled for want of orders or given up."""

from itertools import count

import pytest

from app.accounts.models import Role
from app.accounts.queries import load_actor
from app.notifications.quiet import quiet
from app.supply.cargo import KILO
from app.supply.purchases import service
from app.supply.purchases.queries import orders_of
from app.supply.purchases.service import opening, ordering
from tests.factories import a_member, a_territory, an_organisation, at
from tests.notifications.goldens import same_as_golden
from tests.supply.purchases.world import SHORT, a_purchase, later

pytestmark = pytest.mark.usefixtures("session", "frozen")
PAUL, JEANNE = "paul@touches.example", "jeanne@glaneurs.example"


@pytest.fixture(params=["fr", "en"])
def locale(request):
    return request.param


@pytest.fixture(autouse=True)
def known_refs(monkeypatch):
    numbers = count(1)
    for module in (opening, ordering):
        monkeypatch.setattr(module, "new_public_id", lambda: f"K7M2PQ4X{next(numbers)}")


class Market:
    """Jeanne's association organises, Paul's farm orders."""

    def __init__(self, locale="fr"):
        self.territory = a_territory(name="PAT du pays de Blain", slug="blain")
        self.farm = self._organisation("GAEC des Touches", "gaec", "02 40 72 00 01")
        self.ours = self._organisation("Les Glaneurs du Don", "glaneurs", "06 12 34 56 78")
        facts = {"locale": locale, "role": Role.ORG_ADMIN}
        self.paul = load_actor(a_member(self.farm, name="Paul Guérin", email=PAUL, **facts).id)
        self.jeanne = load_actor(a_member(self.ours, name="Jeanne Moreau", email=JEANNE, **facts).id)

    def _organisation(self, name, slug, phone):
        return an_organisation(self.territory, name=name, slug=slug, phone=phone)

    def ordered(self, kilos):
        """Open a purchase of which Paul orders so much."""
        with quiet():
            purchase = service.open_purchase(self.jeanne, self.ours.id, a_purchase())
            service.order(self.paul, purchase.id, service.Wanted(self.farm.id, kilos * KILO))
        return purchase


def after_the_deadline(frozen):
    frozen.move_to(at("2026-09-08 18:01"))
    service.close_due(SHORT)


def test_who_ordered_reads_what_changed(post, locale):
    market = Market(locale)
    purchase = market.ordered(24)
    changed = later(deadline_at=at("2026-09-10 12:00"), bring="Des sacs propres.")
    service.change(market.jeanne, purchase.id, changed)
    same_as_golden(locale, "purchase_changed", post.to(PAUL))


def test_who_ordered_and_who_organises_read_that_it_takes_place(post, frozen, locale):
    Market(locale).ordered(240)
    after_the_deadline(frozen)
    letters = {mail.to: mail for mail in post.run()}
    assert sorted(letters) == [JEANNE, PAUL]
    same_as_golden(locale, "purchase_confirmed", letters[PAUL])
    same_as_golden(locale, "purchase_to_hand_out", letters[JEANNE])


def test_who_ordered_and_who_organises_read_that_too_little_was_ordered(post, frozen, locale):
    Market(locale).ordered(60)
    after_the_deadline(frozen)
    letters = {mail.to: mail for mail in post.run()}
    assert sorted(letters) == [JEANNE, PAUL]
    same_as_golden(locale, "purchase_short", letters[PAUL])
    assert "comme=K7M2PQ4X1" in letters[JEANNE].text


def test_who_ordered_reads_why_it_was_given_up(post, locale):
    market = Market(locale)
    purchase = market.ordered(60)
    service.cancel(market.jeanne, purchase.id, "Le moulin est fermé.")
    [mail] = post.run()
    assert mail.to == PAUL
    same_as_golden(locale, "purchase_cancelled", mail)


def test_who_withdrew_reads_nothing(post, frozen):
    market = Market()
    purchase = market.ordered(24)
    with quiet():
        [order] = orders_of(purchase.id)
        service.withdraw(market.paul, order.id)
    after_the_deadline(frozen)
    assert post.recipients() == [JEANNE]
