"""Letters to those who share a cost: asked, accepted, declined; word for word, and not at all once it is otherwise."""

import pytest

from app.accounts.models import Role
from app.accounts.queries import load_actor
from app.bookings import service
from app.core.policy import Actor
from app.notifications.quiet import quiet
from app.payments import service as payments
from app.payments.splits.keys import KeyKind
from app.payments.tariffs.tariff import Meter
from tests.bookings.money import tariff
from tests.factories import a_coordinator, a_member, an_organisation
from tests.notifications.conftest import World
from tests.notifications.goldens import same_as_golden

pytestmark = pytest.mark.usefixtures("session", "frozen", "one_ref")
OURS, THEIRS = "tresor@glaneurs.example", "tresor@graines.example"


@pytest.fixture(params=["fr", "en"])
def locale(request):
    return request.param


class Shared:
    """A booking of the association, the cost of which another organisation is asked to share."""

    def __init__(self, locale):
        self.world = world = World(locale)
        with quiet():
            territory = world.territory
            coordinator = load_actor(a_coordinator(territory).id)
            payments.switch_money(coordinator, territory.id, is_on=True)
            price = tariff((Meter.HOUR, 1200), (Meter.KM, 50))
            payments.publish_tariff(Actor(is_platform_admin=True), world.kitchen.id, price)
            self.friend = an_organisation(territory, name="Graines de Blain")
            facts = {"role": Role.TREASURER, "locale": locale}
            self.ours = load_actor(a_member(world.glaneurs, name="Trésor", email=OURS, **facts).id)
            self.theirs = load_actor(a_member(self.friend, name="Paul Petit", email=THEIRS, **facts).id)
            self.booking = world.ask()
            service.approve(self.booking.id, world.manager)

    def ask(self, weight=3, **how):
        parts = [
            payments.Part(self.world.glaneurs.id, 5),
            payments.Part(self.friend.id, weight, ceiling_cents=2000),
        ]
        service.share_costs(self.booking.id, self.ours, KeyKind.WEIGHTS, parts, **how)

    def answer(self, *, accepts):
        service.answer_costs(self.booking.id, self.theirs, self.friend.id, accepts=accepts)


def test_who_keeps_the_accounts_is_asked(post, locale):
    shared = Shared(locale)
    shared.ask()
    [mail] = post.run()
    assert mail.to == THEIRS
    same_as_golden(locale, "share_asked", mail)


@pytest.mark.parametrize("accepts", [True, False])
def test_who_asked_is_told_the_answer(post, locale, accepts):
    shared = Shared(locale)
    with quiet():
        shared.ask()
    shared.answer(accepts=accepts)
    mail = post.to(OURS)
    same_as_golden(locale, "share_accepted" if accepts else "share_declined", mail)


def test_nobody_is_asked_what_is_answered_meanwhile(post):
    shared = Shared("fr")
    shared.ask()
    with quiet():
        shared.answer(accepts=True)
    assert post.run() == []


def test_who_would_bear_more_is_asked_again(post):
    shared = Shared("fr")
    with quiet():
        shared.ask()
        shared.answer(accepts=True)
    shared.ask(2)
    assert post.run() == [], "a smaller part needs no yes"
    shared.ask(7)
    assert [mail.to for mail in post.run()] == [THEIRS]


def test_nobody_is_written_to_once_money_is_off(post):
    shared = Shared("fr")
    shared.ask()
    territory = shared.world.territory
    payments.switch_money(load_actor(a_coordinator(territory).id), territory.id, is_on=False)
    assert post.run() == []
