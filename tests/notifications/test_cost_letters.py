"""Letters to those who share a cost: asked, accepted, declined; word for word, and not at all once it is otherwise."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from app.accounts.models import Role, RoleGrant
from app.accounts.queries import load_actor
from app.bookings import service
from app.core.policy import Actor
from app.infra.db import db
from app.infra.uow import atomic
from app.notifications.quiet import quiet
from app.payments import service as payments
from app.payments.splits.keys import KeyKind
from app.payments.tariffs.tariff import Meter
from tests.bookings.money import tariff
from tests.factories import a_coordinator, a_member, a_resource, an_organisation, span
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


class SharedRequest(Shared):
    """Two elements, the cost of which another organisation is asked to share together."""

    def __init__(self, locale):
        super().__init__(locale)
        world = self.world
        with quiet():
            other = a_resource(world.kitchen.site, name="Légumerie")
            payments.publish_tariff(Actor(is_platform_admin=True), other.id, tariff((Meter.HOUR, 800)))
            day = "2026-10-13"
            legs = (
                service.Leg(world.kitchen.id, span(f"{day} 09:00", f"{day} 12:00")),
                service.Leg(other.id, span(f"{day} 13:00", f"{day} 15:00")),
            )
            wanted = service.BundleRequest(world.glaneurs.id, legs, "Courgettes")
            self.bundle = service.ask_bundle(wanted, world.member, uid_host="mutualim.test")

    def ask(self, weight=3, **how):
        parts = [payments.Part(self.world.glaneurs.id, 5), payments.Part(self.friend.id, weight)]
        service.share_bundle_costs(self.bundle.id, self.ours, KeyKind.WEIGHTS, parts, **how)


def test_all_elements_are_asked_for_in_one_letter_and_answered_with_one_yes(post, locale):
    shared = SharedRequest(locale)
    shared.ask()
    [mail] = post.run()
    assert mail.to == THEIRS
    same_as_golden(locale, "shares_asked", mail)
    service.answer_bundle_costs(shared.bundle.id, shared.theirs, shared.friend.id, accepts=True)
    same_as_golden(locale, "shares_accepted", post.to(OURS))


def test_the_joint_letter_tells_which_parts_were_accepted_before(post):
    shared = SharedRequest("en")
    kitchen = next(leg for leg in shared.bundle.legs if leg.resource_id == shared.world.kitchen.id)
    with quiet():
        shared.ask()
        parts = [payments.Part(shared.world.glaneurs.id, 5), payments.Part(shared.friend.id, 1)]
        service.share_costs(kitchen.id, shared.ours, KeyKind.WEIGHTS, parts)
        service.answer_bundle_costs(shared.bundle.id, shared.theirs, shared.friend.id, accepts=True)
    shared.ask()
    text = post.to(THEIRS).text.replace("\u00a0", " ")
    assert "You had accepted €" in text
    assert "Accepted before: Légumerie: €6.00" in text


def test_who_said_yes_is_asked_anew_to_share_what_replaces_a_lost_element(post):
    shared = SharedRequest("en")
    world, lost = shared.world, shared.bundle.legs[0]
    with quiet():
        shared.ask()
        service.answer_bundle_costs(shared.bundle.id, shared.theirs, shared.friend.id, accepts=True)
        service.refuse(lost.id, world.manager, "Travaux")
        other = a_resource(world.kitchen.site, name="Cuisine d’été")
        payments.publish_tariff(Actor(is_platform_admin=True), other.id, tariff((Meter.HOUR, 1600)))
    service.replace_leg(lost.id, service.Leg(other.id, lost.span), world.member, uid_host="mutualim.test")
    text = post.to(THEIRS).text.replace("\u00a0", " ")
    assert "Cuisine d’été" in text
    assert "You had accepted €13.50; it is €18.00 now." in text


def test_one_no_is_for_all_elements(post, locale):
    shared = SharedRequest(locale)
    with quiet():
        shared.ask()
    service.answer_bundle_costs(shared.bundle.id, shared.theirs, shared.friend.id, accepts=False)
    same_as_golden(locale, "shares_declined", post.to(OURS))


def test_nobody_is_written_to_once_money_is_off(post):
    shared = Shared("fr")
    shared.ask()
    territory = shared.world.territory
    payments.switch_money(load_actor(a_coordinator(territory).id), territory.id, is_on=False)
    assert post.run() == []


def charged(shared, frozen):
    """Have it measured, charged, and a part of it taken back; nobody is told of that here."""
    world, booking = shared.world, shared.booking
    with quiet():
        frozen.move_to(booking.end_at + timedelta(hours=1))
        service.measure_costs(booking.id, world.manager, {Meter.KM: 100_000})
        service.take_costs_back(booking.id, world.manager, "Premier mois", "geste", 2000)


def test_payers_are_told_what_was_put_right(post, locale, frozen):
    shared = Shared(locale)
    charged(shared, frozen)
    correction = payments.Correction("once", "Compteur mal lu", {Meter.KM: 80_000})
    service.correct_costs(shared.booking.id, shared.world.manager, correction)
    [mail] = post.run()
    assert mail.to == OURS
    same_as_golden(locale, "put_right", mail)


def test_payers_are_told_what_was_taken_back_once(post, frozen):
    shared = Shared("fr")
    charged(shared, frozen)
    for _click in range(2):
        service.take_costs_back(shared.booking.id, shared.world.manager, "Encore", "encore", 100)
    assert [mail.to for mail in post.run()] == [OURS]


def test_the_place_is_reminded_once_of_what_nobody_has_measured(post, locale, frozen):
    shared = Shared(locale)
    frozen.move_to(shared.booking.end_at + timedelta(days=6))
    assert service.remind_measures() == 0
    frozen.tick(days=1, minutes=1)
    assert service.remind_measures() == 1
    assert service.remind_measures() == 0
    [mail] = post.run()
    assert mail.to == shared.world.sophie.email
    same_as_golden(locale, "measures_awaited", mail)


def test_nobody_is_reminded_of_what_is_measured_meanwhile(post, frozen):
    shared = Shared("fr")
    frozen.move_to(shared.booking.end_at + timedelta(days=8))
    assert service.remind_measures() == 1
    with quiet():
        service.measure_costs(shared.booking.id, shared.world.manager, {Meter.KM: 100_000})
    assert post.run() == []


def test_where_nobody_manages_the_place_its_treasurer_is_reminded(post, frozen):
    shared = Shared("fr")
    world = shared.world
    with quiet():
        owner = world.kitchen.site.owner
        a_member(owner, role=Role.TREASURER, email="caisse@mairie.example")
        with atomic():
            db.session.execute(delete(RoleGrant).where(RoleGrant.site_id == world.kitchen.site_id))
    frozen.move_to(shared.booking.end_at + timedelta(days=8))
    service.remind_measures()
    assert [mail.to for mail in post.run()] == ["caisse@mairie.example"]
