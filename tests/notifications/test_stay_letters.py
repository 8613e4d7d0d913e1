"""Letters about a long stay on land that comes to its end, word for word."""

from datetime import timedelta

import pytest

from app.bookings import service
from app.notifications.quiet import quiet
from tests.factories import a_resource, span
from tests.notifications.conftest import JEANNE, SOPHIE, World
from tests.notifications.goldens import same_as_golden

pytestmark = pytest.mark.usefixtures("session", "frozen", "one_ref")

SEASON = span("2027-03-01 00:00", "2027-11-01 00:00")


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_both_sides_are_told_before_the_end(post, locale, frozen):
    world = World(locale)
    field = a_resource(
        world.site, name="Parcelle du moulin", slug="parcelle", kind="land", step_minutes=1440, min_minutes=1440,
        max_minutes=1440 * 400, opening_mode="always", hours="24/7", horizon_days=500,
    )  # fmt: skip
    with quiet():
        request = service.Request(field.id, world.glaneurs.id, SEASON, 1, "Pommes de terre")
        booking = service.ask(request, world.member, uid_host="mutualim.test")
        service.approve(booking.id, world.manager)
    frozen.move_to(SEASON.end - timedelta(days=60))
    service.tell_ends()
    asker, answers = post.run()
    assert (asker.to, answers.to) == (JEANNE, SOPHIE)
    same_as_golden(locale, "stay_ends", asker)
    same_as_golden(locale, "stay_ends_here", answers)
