"""Letters about gleanings, word for word: who is called, who reads of changes, who gets a place."""

from itertools import count

import pytest

from app.accounts.models import Role
from app.accounts.queries import load_actor
from app.notifications.quiet import quiet
from app.supply.gleanings import service
from app.supply.gleanings.service import calling, signing
from app.supply.offers import service as offers
from app.supply.offers.rules import Category, Interest
from tests.factories import a_member, a_territory, an_organisation, at
from tests.notifications.goldens import same_as_golden
from tests.supply.gleanings.world import a_gleaning
from tests.supply.offers.world import CHATEAUBRIANT, NORT, TOUCHES

pytestmark = pytest.mark.usefixtures("session", "frozen")
JEANNE, LUC = "jeanne@glaneurs.example", "luc@epicerie.example"


@pytest.fixture(params=["fr", "en"])
def locale(request):
    return request.param


@pytest.fixture(autouse=True)
def known_refs(monkeypatch):
    numbers = count(1)
    for module in (calling, signing):
        monkeypatch.setattr(module, "new_public_id", lambda: f"K7M2PQ4X{next(numbers)}")


class Orchard:
    """Paul's farm at Les Touches, Jeanne's association next to it, Luc's shop 31 km away."""

    def __init__(self, locale="fr"):
        self.territory = a_territory(name="PAT du pays de Blain", slug="blain")
        self.farm = self._organisation("GAEC des Touches", "gaec", TOUCHES, "02 40 72 00 01")
        self.ours = self._organisation("Les Glaneurs du Don", "glaneurs", NORT, "06 12 34 56 78")
        self.far = self._organisation("Épicerie solidaire", "epicerie", CHATEAUBRIANT, "")
        facts = {"locale": locale, "role": Role.ORG_ADMIN}
        self.paul = load_actor(a_member(self.farm, name="Paul Guérin", **facts).id)
        self.jeanne = load_actor(a_member(self.ours, name="Jeanne Moreau", email=JEANNE, **facts).id)
        self.luc = load_actor(a_member(self.far, name="Luc Petit", email=LUC, **facts).id)

    def _organisation(self, name, slug, commune, phone):
        return an_organisation(self.territory, name=name, slug=slug, commune_code=commune, phone=phone)

    def call(self, **facts):
        return service.call(self.paul, self.farm.id, a_gleaning(**facts))


def test_who_is_close_is_called_and_who_is_not_is_not(post, locale):
    """S27: organisations within 30 km of Les Touches; Châteaubriant is 30.8 km away."""
    Orchard(locale).call()
    [mail] = post.run()
    assert mail.to == JEANNE
    same_as_golden(locale, "gleaning_called", mail)


def test_what_an_organisation_wants_to_be_told_of_holds_for_gleanings_too(post):
    orchard = Orchard()
    offers.say_interest(orchard.jeanne, orchard.ours.id, Interest(is_wanted=False))
    offers.say_interest(orchard.luc, orchard.far.id, Interest(50, frozenset({Category.FRUIT})))
    orchard.call()
    assert post.recipients() == [LUC]


def test_who_signed_up_reads_what_changed(post, locale):
    orchard = Orchard(locale)
    with quiet():
        gleaning = orchard.call()
        service.sign_up(orchard.jeanne, gleaning.id, 2)
    advice = service.Advice("Parking du stade", "Paul", rain="Reporté au dimanche.")
    service.change(orchard.paul, gleaning.id, a_gleaning(end_at=at("2026-10-10 11:30"), advice=advice))
    same_as_golden(locale, "gleaning_changed", post.to(JEANNE))


def test_who_signed_up_reads_that_it_is_cancelled_and_why(post, locale):
    orchard = Orchard(locale)
    with quiet():
        gleaning = orchard.call()
        service.sign_up(orchard.jeanne, gleaning.id, 1)
    service.cancel(orchard.paul, gleaning.id, "La grêle a tout abîmé.")
    same_as_golden(locale, "gleaning_cancelled", post.to(JEANNE))


def test_who_was_in_line_reads_that_a_place_is_theirs(post, locale):
    orchard = Orchard(locale)
    with quiet():
        gleaning = orchard.call()
        service.sign_up(orchard.luc, gleaning.id, 6)
        service.sign_up(orchard.jeanne, gleaning.id, 2)
    service.withdraw(orchard.luc, gleaning.id)
    same_as_golden(locale, "gleaning_place", post.to(JEANNE))


def test_a_group_in_line_reads_that_some_of_them_can_come(post, locale):
    orchard = Orchard(locale)
    with quiet():
        gleaning = orchard.call()
        service.sign_up(orchard.luc, gleaning.id, 6)
        service.sign_up(orchard.jeanne, gleaning.id, 5)
    service.sign_up(orchard.luc, gleaning.id, 3)
    same_as_golden(locale, "gleaning_part", post.to(JEANNE))


def test_some_of_a_group_read_that_more_of_them_can_come(post):
    orchard = Orchard("en")
    with quiet():
        gleaning = orchard.call()
        service.sign_up(orchard.luc, gleaning.id, 3)
        service.sign_up(orchard.jeanne, gleaning.id, 6, split=True)
    service.sign_up(orchard.luc, gleaning.id, 2)
    assert "4 of you are signed up now, 2 are still in line" in str(post.to(JEANNE))


def test_who_is_in_line_reads_of_the_line_when_the_call_changes(post):
    orchard = Orchard("en")
    with quiet():
        gleaning = orchard.call()
        service.sign_up(orchard.luc, gleaning.id, 6)
        service.sign_up(orchard.jeanne, gleaning.id, 1)
    service.change(orchard.paul, gleaning.id, a_gleaning(min_age=12))
    mails = {mail.to: str(mail) for mail in post.run()}
    assert "you leave the line" in mails[JEANNE]
    assert "your place goes" in mails[LUC]


def test_a_letter_that_is_not_so_any_more_is_not_written(post):
    orchard = Orchard()
    with quiet():
        gleaning = orchard.call()
        service.sign_up(orchard.jeanne, gleaning.id, 1)
    service.change(orchard.paul, gleaning.id, a_gleaning(min_age=12))
    with quiet():
        service.withdraw(orchard.jeanne, gleaning.id)
    assert post.run() == []
