"""Letters about surplus, word for word: who is told of an offer, of a part that was taken, of an end."""

from datetime import timedelta
from itertools import count

import pytest

from app.accounts.models import Role
from app.accounts.queries import load_actor
from app.core import clock
from app.notifications.quiet import quiet
from app.supply.cargo import KILO
from app.supply.offers import service
from app.supply.offers.rules import Category, Interest
from app.supply.offers.service import offering, taking
from tests.factories import a_member, a_territory, an_organisation
from tests.notifications.goldens import same_as_golden
from tests.supply.chains.test_goods import Sold
from tests.supply.offers.test_goods import Market
from tests.supply.offers.world import CHATEAUBRIANT, NORT, TOUCHES, an_offer, weighing

pytestmark = pytest.mark.usefixtures("session", "frozen")
PAUL, JEANNE, LUC = "paul@touches.example", "jeanne@glaneurs.example", "luc@epicerie.example"


@pytest.fixture(params=["fr", "en"])
def locale(request):
    return request.param


@pytest.fixture(autouse=True)
def known_refs(monkeypatch):
    numbers = count(1)
    for module in (offering, taking):
        monkeypatch.setattr(module, "new_public_id", lambda: f"K7M2PQ4X{next(numbers)}")


class Farm:
    """Paul's farm at Les Touches, Jeanne's association next to it, Luc's shop 31 km away."""

    def __init__(self, locale="fr"):
        self.territory = a_territory(name="PAT du pays de Blain", slug="blain")
        self.farm = self._organisation("GAEC des Touches", "gaec", TOUCHES, "02 40 72 00 01")
        self.ours = self._organisation("Les Glaneurs du Don", "glaneurs", NORT, "06 12 34 56 78")
        self.far = self._organisation("Épicerie solidaire", "epicerie", CHATEAUBRIANT, "")
        facts = {"locale": locale, "role": Role.ORG_ADMIN}
        self.paul = load_actor(a_member(self.farm, name="Paul Guérin", email=PAUL, **facts).id)
        self.jeanne = load_actor(a_member(self.ours, name="Jeanne Moreau", email=JEANNE, **facts).id)
        self.luc = load_actor(a_member(self.far, name="Luc Petit", email=LUC, **facts).id)

    def _organisation(self, name, slug, commune, phone):
        return an_organisation(self.territory, name=name, slug=slug, commune_code=commune, phone=phone)

    def post(self, **facts):
        return service.post(self.paul, self.farm.id, an_offer(**facts))

    def take(self, offer, kilos=120, **facts):
        return service.take(self.jeanne, offer.id, service.Part(self.ours.id, kilos * KILO, **facts))


def test_who_is_close_is_told_and_who_is_not_is_not(post, locale):
    Farm(locale).post()
    [mail] = post.run()
    assert mail.to == JEANNE
    same_as_golden(locale, "surplus_offered", mail)
    assert "/structures/glaneurs/alertes-surplus" in mail.text


def test_who_does_not_want_to_know_or_comes_too_late_is_not_told(post):
    farm = Farm()
    service.say_interest(farm.jeanne, farm.ours.id, Interest(is_wanted=False))
    service.say_interest(farm.luc, farm.far.id, Interest(50, frozenset({Category.VEGETABLES})))
    farm.post()
    assert post.recipients() == [LUC]
    offer = farm.post(price_cents=80)
    with quiet():
        service.take(farm.luc, offer.id, service.Part(farm.far.id))
    assert post.recipients() == []


def test_who_offers_reads_who_took_what(post, locale):
    farm = Farm(locale)
    with quiet():
        offer = farm.post()
    farm.take(offer, message="Nous passons mardi matin.")
    same_as_golden(locale, "surplus_taken", post.to(PAUL))


def test_who_offers_reads_what_was_given_back(post, locale):
    farm = Farm(locale)
    with quiet():
        part = farm.take(farm.post())
    service.give_back(farm.jeanne, part.id)
    same_as_golden(locale, "surplus_given_back", post.to(PAUL))


def test_who_took_a_part_reads_that_it_is_noted_and_who_offers_that_it_is_not_so(post, locale):
    farm = Farm(locale)
    with quiet():
        part = farm.take(farm.post())
    service.collect(farm.paul, part.id)
    same_as_golden(locale, "surplus_collected", post.to(JEANNE))
    service.deny(farm.jeanne, part.id)
    same_as_golden(locale, "surplus_denied", post.to(PAUL))


def test_what_is_charged_is_told_with_its_hour(post):
    market = Market()
    with quiet():
        claim = market.sold()
    service.collect(market.farmer, claim.id)
    [mail] = post.run()
    assert "96,00 €, " in mail.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "avant qu’elle soit facturée" in mail.text


def test_who_took_a_part_reads_that_it_was_withdrawn_and_why(post, locale):
    farm = Farm(locale)
    with quiet():
        offer = farm.post()
        farm.take(offer)
    service.withdraw(farm.paul, offer.id, "La chambre froide est tombée en panne.")
    same_as_golden(locale, "surplus_withdrawn", post.to(JEANNE))


def test_who_took_a_part_reads_that_it_was_cancelled(post):
    farm = Farm()
    with quiet():
        part = farm.take(farm.post())
    service.cancel_part(farm.paul, part.id, "Abîmé par la grêle.")
    mail = post.to(JEANNE)
    assert "Abîmé par la grêle." in mail.text


@pytest.mark.parametrize("end", ["give_back", "cancel_part", "withdraw"])
def test_who_asked_for_a_chain_reads_that_it_has_nothing_to_carry(post, end):
    with quiet():
        sold = Sold()
    match end:
        case "give_back":
            service.give_back(sold.treasurer, sold.part.id)
        case "cancel_part":
            service.cancel_part(sold.farmer, sold.part.id, "Grêle")
        case _:
            service.withdraw(sold.farmer, sold.part.offer_id, "Grêle")
    [mail] = [each for each in post.run() if "Rien à transporter" in each.subject]
    assert mail.to == sold.bundle.requester.email
    assert f"/filieres/{sold.bundle.ref}" in mail.text
    assert "400 kg de courgettes" in mail.text


def test_who_took_a_part_reads_what_changed(post, locale):
    farm = Farm(locale)
    with quiet():
        offer = farm.post()
        farm.take(offer)
    later = clock.now() + timedelta(days=4)
    service.change(farm.paul, offer.id, an_offer(cargo=weighing(300), until_at=later, price_cents=50))
    same_as_golden(locale, "surplus_changed", post.to(JEANNE))


def test_who_offered_reads_what_nobody_took(post, locale, frozen):
    farm = Farm(locale)
    with quiet():
        farm.take(farm.post())
        frozen.tick(days=3)
        farm.post(until_at=clock.now() + timedelta(hours=1))
    frozen.tick(hours=2)
    with quiet():
        service.expire_due()
    assert post.run() == []
    with quiet():
        offer = farm.post(until_at=clock.now() + timedelta(hours=1))
        farm.take(offer)
    frozen.tick(hours=1)
    service.expire_due()
    same_as_golden(locale, "surplus_over", post.to(PAUL))


def test_both_sides_are_reminded_of_what_nobody_collects_and_told_that_it_ended(post, locale, frozen):
    farm = Farm(locale)
    with quiet():
        part = farm.take(farm.post(), 400)
    frozen.move_to(part.offer.until_at)
    service.expire_due()
    assert post.run() == []
    frozen.tick(days=2)
    reminded, also = sorted(post.run(), key=lambda mail: mail.to)
    assert (reminded.to, also.to) == (JEANNE, PAUL)
    same_as_golden(locale, "surplus_uncollected", reminded)
    frozen.tick(days=12)
    service.lapse_due()
    ended, also = sorted(post.run(), key=lambda mail: mail.to)
    assert (ended.to, also.to) == (JEANNE, PAUL)
    same_as_golden(locale, "surplus_lapsed", ended)


def test_what_was_all_taken_ends_without_a_letter(post, frozen):
    farm = Farm()
    with quiet():
        farm.take(farm.post(), 400)
    frozen.tick(days=3)
    service.expire_due()
    assert post.run() == []


def test_of_an_organisation_who_offered_is_told_and_not_everybody(post):
    farm = Farm()
    helper = load_actor(a_member(farm.farm, email="aide@touches.example").id)
    with quiet():
        offer = service.post(helper, farm.farm.id, an_offer())
    farm.take(offer)
    assert post.recipients() == ["aide@touches.example"]


def test_what_is_free_again_or_more_is_told_once_a_day_to_those_whom_it_concerns(post, frozen):
    farm = Farm()
    service.say_interest(farm.luc, farm.far.id, Interest(50, frozenset({Category.VEGETABLES})))
    offer = farm.post(until_at=clock.now() + timedelta(days=5))
    part = farm.take(offer, 400)
    assert {JEANNE, LUC} & set(post.recipients()) == set()  # all of it was taken before anybody was told
    service.give_back(farm.jeanne, part.id)
    told = [mail for mail in post.run() if mail.to in (JEANNE, LUC)]
    assert [mail.to for mail in told] == [LUC]  # who gave it back knows
    assert "Courgettes, 400" in told[0].subject
    service.change(farm.paul, offer.id, an_offer(cargo=weighing(500), until_at=offer.until_at))
    assert LUC not in post.recipients()
    frozen.tick(days=1)
    told = [mail for mail in post.run() if mail.to in (JEANNE, LUC)]
    assert [mail.to for mail in told] == [LUC]
    assert "Courgettes, 500" in told[0].subject
