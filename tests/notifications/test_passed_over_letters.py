"""Letters when a request that comes first by priority is passed over: to its asker, and to the side that was preferred."""

import pytest

from app.bookings import service
from app.core.policy import Actor
from app.notifications.quiet import quiet
from tests.factories import a_member, an_organisation, span
from tests.notifications.conftest import JEANNE, World
from tests.notifications.goldens import same_as_golden

pytestmark = pytest.mark.usefixtures("session", "frozen", "one_ref")

WHY = "Leur camion frigorifique n’attend pas.\nVous êtes les premiers samedi prochain."
FARM = "ferme@bois.example"


class Market(World):
    """Jeanne asks for food aid; the farm, which comes after her, is accepted first."""

    def __init__(self, locale="fr"):
        super().__init__(locale, arbitration_hours=48)
        with quiet():
            self.first = self.ask()
            farm = an_organisation(self.territory, name="GAEC du Bois", slug="gaec", priority_class="P4")
            farmer = a_member(farm, name="Paul Rio", email=FARM, locale=locale)
            asker = Actor(person_id=farmer.id, memberships={farm.id: "member"})
            wanted = service.Request(
                self.kitchen.id, farm.id, span("2026-10-06 08:00", "2026-10-06 12:00"), 1, "Conserves"
            )
            self.second = service.ask(wanted, asker, uid_host="mutualim.test")


@pytest.fixture(params=["fr", "en"])
def locale(request):
    return request.param


def test_both_sides_read_the_reason(post, locale):
    world = Market(locale)
    service.approve(world.second.id, world.manager, WHY)
    preferred, passed_over = post.run()
    assert (preferred.to, passed_over.to) == (FARM, JEANNE)
    assert "GAEC" not in passed_over.text
    same_as_golden(locale, "approved_out_of_turn", preferred)
    same_as_golden(locale, "passed_over", passed_over)


def test_a_refusal_says_it_where_it_comes_before_the_letter(post, locale):
    world = Market(locale)
    service.approve(world.second.id, world.manager, WHY)
    service.refuse(world.first.id, world.manager, "La cuisine est prise.")
    same_as_golden(locale, "refused_passed_over", post.to(JEANNE))


def test_a_yes_taken_back_at_once_writes_nothing_to_who_was_passed_over(post):
    world = Market()
    service.approve(world.second.id, world.manager, WHY)
    service.undo(world.second.id, world.manager)
    assert JEANNE not in post.recipients()


def test_an_end_without_an_answer_says_it(post, frozen):
    world = Market()
    with quiet():
        service.approve(world.second.id, world.manager, WHY)
    frozen.move_to(world.first.expires_at)
    service.expire_due()
    assert "passe après elle a été acceptée pour ce créneau" in post.to(JEANNE).text
