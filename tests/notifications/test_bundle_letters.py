"""Letters about requests for several resources: one for an act, about the whole as it stands, word for word."""

from datetime import timedelta
from typing import Any

import pytest

from app.bookings import service
from app.bookings.models import Booking
from app.bookings.service import BundleRequest, Leg
from app.core.policy import Actor
from app.infra.db import db
from app.notifications.quiet import quiet
from tests.factories import a_manager, a_resource, a_site, an_organisation, span
from tests.notifications.conftest import JEANNE, KARIM, SOPHIE, World
from tests.notifications.goldens import same_as_golden

pytestmark = pytest.mark.usefixtures("session", "frozen", "one_ref")

SLOT = span("2026-10-06 08:00", "2026-10-06 12:00")


@pytest.fixture(params=["fr", "en"])
def locale(request):
    return request.param


class Chain(World):
    """Sophie answers for a kitchen and a cold room, Karim for a van."""

    def __init__(self, locale="fr", **facts):
        super().__init__(locale, **facts)
        self.cold = a_resource(
            self.site, name="Chambre froide du marché", slug="chambre-froide", kind="storage"
        )
        garage_owner = an_organisation(
            self.territory, name="Garage solidaire", slug="garage", phone="02 40 79 55 55"
        )
        garage = a_site(garage_owner, hours="24/7", name="Le garage", slug="le-garage")
        self.van = a_resource(
            garage, name="Fourgon frigorifique", slug="fourgon", kind="vehicle", answer_hours=24
        )
        self.karim = a_manager(garage, name="Karim Haddad", email=KARIM, locale=locale)
        self.driver = Actor(person_id=self.karim.id, managed_sites=frozenset({garage.id}))

    def bundle(self, **facts):
        given: dict[str, Any] = {"people": 8, "message": "Bonjour, 400 kg de courgettes."} | facts
        legs = tuple(Leg(resource.id, SLOT) for resource in (self.van, self.cold, self.kitchen))
        wanted = BundleRequest(self.glaneurs.id, legs, "Courgettes à transformer", **given)
        return service.ask_bundle(wanted, self.member, uid_host="mutualim.test")

    def quiet_bundle(self):
        with quiet():
            return self.bundle()


def of(bundle):
    return db.session.query(Booking).filter_by(bundle_id=bundle.id).order_by(Booking.id).all()


def test_asked_once_of_each_manager_for_what_is_theirs(post, locale):
    Chain(locale).bundle()
    asked, alone, several = post.run()
    assert (asked.to, alone.to, several.to) == (JEANNE, KARIM, SOPHIE)
    same_as_golden(locale, "bundle_requested", asked)
    same_as_golden(locale, "bundle_to_answer_alone", alone)
    same_as_golden(locale, "bundle_to_answer", several)


def test_what_follows_one_another_says_when_it_is_handed_over(post, locale):
    world = Chain(locale)
    slots = SLOT, span("2026-10-06 12:00", "2026-10-06 14:00"), span("2026-10-06 14:00", "2026-10-06 18:00")
    places = zip((world.van, world.cold, world.kitchen), slots, strict=True)
    wanted = BundleRequest(
        world.glaneurs.id,
        tuple(Leg(place.id, slot) for place, slot in places),
        "Courgettes à transformer",
        in_order=True,
        handover_at=span("2026-10-08 14:00", "2026-10-08 15:00").start,
    )
    service.ask_bundle(wanted, world.member, uid_host="mutualim.test")
    asked, _alone, several = post.run()
    same_as_golden(locale, "bundle_in_order_requested", asked)
    same_as_golden(locale, "bundle_in_order_to_answer", several)


def test_places_that_need_no_answer_are_told_of_it(post, locale):
    world = Chain(locale, approval="auto")
    legs = (Leg(world.van.id, SLOT), Leg(world.kitchen.id, SLOT))
    wanted = BundleRequest(world.glaneurs.id, legs, "Courgettes à transformer")
    service.ask_bundle(wanted, world.member, uid_host="mutualim.test")
    _asked, _alone, booked = post.run()
    same_as_golden(locale, "bundle_booked_here", booked)


def test_several_legs_accepted_in_one_act_are_one_letter(post, locale):
    world = Chain(locale)
    bundle = world.quiet_bundle()
    service.approve_legs(bundle.id, world.manager, "Clés à l’accueil.")
    [mail] = post.run()
    assert mail.to == JEANNE
    same_as_golden(locale, "bundle_waiting", mail)
    service.approve_legs(bundle.id, world.driver)
    [mail] = post.run()
    same_as_golden(locale, "bundle_accepted", mail)


def test_one_refusal_says_what_can_be_done(post, locale):
    world = Chain(locale)
    bundle = world.quiet_bundle()
    with quiet():
        service.approve_legs(bundle.id, world.driver)
    service.refuse(of(bundle)[2].id, world.manager, "La cuisine est en travaux.")
    [mail] = post.run()
    same_as_golden(locale, "bundle_to_fix", mail)


def test_what_replaces_a_leg_is_asked_of_its_manager_alone(post):
    world = Chain()
    bundle = world.quiet_bundle()
    with quiet():
        service.refuse(of(bundle)[2].id, world.manager, "Travaux")
    other = Leg(world.kitchen.id, span("2026-10-07 08:00", "2026-10-07 12:00"))
    service.replace_leg(of(bundle)[2].id, other, world.member, uid_host="mutualim.test")
    assert post.recipients() == [JEANNE, SOPHIE]


def test_given_up_whole_each_manager_reads_of_their_own_once(post, locale):
    world = Chain(locale)
    bundle = world.quiet_bundle()
    service.cancel_bundle(bundle.id, world.member, "La récolte est perdue.")
    alone, several = post.run()
    assert (alone.to, several.to) == (KARIM, SOPHIE)
    assert "Cuisine" not in alone.text
    same_as_golden(locale, "bundle_given_up", several)
    again = world.quiet_bundle()
    service.cancel_bundle(again.id, world.coordinator, "Doublon.")
    asked, _alone, _several = post.run()
    assert asked.to == JEANNE
    same_as_golden(locale, "bundle_cancelled", asked)


def test_unanswered_is_told_once(post, locale, frozen):
    world = Chain(locale)
    bundle = world.quiet_bundle()
    with quiet():
        service.approve_legs(bundle.id, world.driver)
    frozen.move_to(of(bundle)[2].expires_at + timedelta(minutes=1))
    service.expire_due()
    asked, answers = post.run()
    assert (asked.to, answers.to) == (JEANNE, SOPHIE)
    same_as_golden(locale, "bundle_expired", asked)
    same_as_golden(locale, "bundle_unanswered", answers)


def test_a_letter_that_is_true_no_more_does_not_leave(post):
    world = Chain()
    bundle = world.bundle()
    with quiet():
        service.cancel_bundle(bundle.id, world.member, "Non")
    assert post.recipients() == [JEANNE]


def test_the_link_of_the_letter_answers_what_is_its_readers(post, client):
    world = Chain("en")
    bundle = world.bundle()
    mails = {mail.to: mail for mail in post.run()}
    assert client.post(f"/d/{mails[SOPHIE].secret}", data={"verdict": "approve"}).status_code == 303
    assert [leg.decision for leg in of(bundle)] == ["pending", "approved", "approved"]
    assert client.post(f"/d/{mails[KARIM].secret}", data={"verdict": "approve"}).status_code == 303
    assert {leg.decision for leg in of(bundle)} == {"approved"}
