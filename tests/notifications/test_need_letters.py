"""Letters about needs, word for word: something that fits is offered, somebody can help."""

from datetime import timedelta
from itertools import count

import pytest

from app.core import clock
from app.notifications.quiet import quiet
from app.supply.cargo import KILO
from app.supply.needs import service
from app.supply.offers.rules import Category, Interest, Point
from app.supply.offers.service import say_interest
from tests.notifications.goldens import same_as_golden
from tests.notifications.test_surplus_letters import JEANNE, LUC, Farm, known_refs, locale
from tests.supply.offers.world import CHATEAUBRIANT

__all__ = ["known_refs", "locale"]

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture(autouse=True)
def known_needs(monkeypatch):
    numbers = count(9)
    monkeypatch.setattr(service, "new_public_id", lambda: f"K7M2PQ4X{next(numbers)}")


def look(farm, actor=None, organisation=None):
    until = clock.now() + timedelta(days=9)
    what = service.Food(product="Courgettes", category="vegetables", grams=50 * KILO, until_at=until)
    around = service.Around(commune_code=CHATEAUBRIANT, point=Point(47.72, -1.376), radius_km=50)
    where = (organisation or farm.far).id
    with quiet():
        return service.post(
            actor or farm.luc, service.NewNeed(organisation_id=where, what=what, around=around)
        )


def test_who_looks_is_told_of_what_fits_though_it_is_farther_than_their_alerts(post, locale):
    farm = Farm(locale)
    look(farm)
    farm.post()
    told = {mail.to: mail for mail in post.run()}
    assert set(told) == {JEANNE, LUC}  # her organisation is close by; his looks for it
    same_as_golden(locale, "need_matched", told[LUC])


def test_nobody_is_told_twice_and_who_wants_no_alerts_is_not_told(post):
    farm = Farm()
    look(farm, farm.jeanne, farm.ours)
    look(farm)
    say_interest(farm.luc, farm.far.id, Interest(50, frozenset(Category), is_wanted=False))
    farm.post()
    assert [mail.to for mail in post.run()] == [JEANNE]


def test_who_looks_reads_who_can_help(post, locale):
    farm = Farm(locale)
    need = look(farm)
    service.help_with(farm.jeanne, need.id, farm.ours.id, "Nous en avons soixante kilos samedi.")
    [mail] = post.run()
    assert mail.to == LUC
    same_as_golden(locale, "need_helped", mail)
