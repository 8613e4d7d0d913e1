"""Letters to those on a waiting list, word for word."""

import pytest

from app.bookings import service
from app.bookings.narrowing import Closing, narrow
from app.bookings.service import Want
from app.notifications.quiet import quiet
from tests.factories import a_member, an_organisation, span
from tests.notifications.conftest import JEANNE, World
from tests.notifications.goldens import same_as_golden

pytestmark = pytest.mark.usefixtures("session", "frozen", "one_ref")

SLOT = span("2026-10-06 08:00", "2026-10-06 12:00")


@pytest.fixture(params=["fr", "en"])
def locale(request):
    return request.param


class Queue(World):
    """Somebody has the kitchen; Jeanne waits for it."""

    def __init__(self, locale="fr", **facts):
        super().__init__(locale, **facts)
        other = an_organisation(self.territory, name="Secours alimentaire", slug="secours")
        person = a_member(other, email="secours@exemple.org")
        with quiet():
            request = service.Request(self.kitchen.id, other.id, SLOT, 1, "Repas")
            actor = type(self.member)(person_id=person.id, memberships={other.id: "member"})
            self.taken = service.ask(request, actor, uid_host="mutualim.test")

    def wait(self, organisation_id=None):
        purpose = "Soupes du marché" if organisation_id else ""
        return service.join(Want(self.kitchen.id, SLOT, 1, organisation_id, purpose), self.member)

    def free(self):
        with quiet():
            service.refuse(self.taken.id, self.manager, "Travaux")


def test_the_first_in_line_is_written_to(post, locale):
    world = Queue(locale)
    world.wait(world.glaneurs.id)
    world.free()
    [mail] = post.run()
    assert mail.to == JEANNE
    same_as_golden(locale, "slot_offered", mail)


def test_who_only_wanted_to_know_is_told_once(post, locale):
    world = Queue(locale)
    world.wait()
    world.free()
    [mail] = post.run()
    same_as_golden(locale, "slot_freed", mail)
    service.sweep_waiting()
    assert post.run() == []


def test_an_offer_that_was_missed(post, locale, frozen):
    world = Queue(locale)
    world.wait(world.glaneurs.id)
    world.free()
    post.run()
    frozen.tick(hours=24)
    service.end_missed_offers()
    [mail] = post.run()
    same_as_golden(locale, "offer_missed", mail)


def test_an_offer_the_place_cannot_keep(post, locale):
    world = Queue(locale)
    world.wait(world.glaneurs.id)
    world.free()
    post.run()
    narrow(Closing(thing=world.site, span=SLOT, reason="Travaux"), world.manager)
    [mail] = post.run()
    assert mail.to == JEANNE
    same_as_golden(locale, "offer_taken_back", mail)


def test_an_offer_that_was_taken_before_the_letter_left_is_not_told(post):
    world = Queue()
    entry = world.wait(world.glaneurs.id)
    world.free()
    service.offer_freed(world.kitchen.id)
    with quiet():
        service.take_offer(entry.ref, world.member, uid_host="mutualim.test")
    assert post.run() == []
