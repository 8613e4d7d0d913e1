"""Letters about what is borrowed from a quota, and about its being called back, word for word."""

from typing import Any

import pytest

from app.availability.allotting import Allotment, allot
from app.bookings import service
from app.core.policy import Actor
from app.infra.uow import atomic
from app.notifications.quiet import quiet
from tests.factories import a_member, a_resource, an_organisation, span
from tests.notifications.conftest import JEANNE, SOPHIE, World
from tests.notifications.goldens import same_as_golden

pytestmark = pytest.mark.usefixtures("session", "frozen", "one_ref")

STAY, LATER = span("2026-09-28 00:00", "2026-10-19 00:00"), span("2026-10-05 00:00", "2026-10-12 00:00")
FAR = span("2026-10-26 00:00", "2026-11-02 00:00")


@pytest.fixture(params=["fr", "en"])
def world(request):
    made: Any = World(request.param)
    made.cold = a_resource(
        made.site, name="Chambre froide", slug="chambre-froide", kind="storage", mode="quantity", capacity=24,
        unit="pallet", step_minutes=1440, min_minutes=1440, max_minutes=1440 * 100, opening_mode="always",
        hours="24/7", approval="auto",
    )  # fmt: skip
    made.shop = an_organisation(made.territory, name="Épicerie solidaire", slug="epicerie")
    shopkeeper = a_member(made.shop, email="paul@epicerie.example", name="Paul Martin", locale=request.param)
    made.shopkeeper = Actor(person_id=shopkeeper.id, memberships={made.shop.id: "member"})
    with quiet():
        allot(made.manager, made.cold, Allotment({made.shop.public_id: 10}, lend_days=60))
    return made


def ask(world, whose, actor, qty, stay, **more):
    wanted = service.Request(world.cold.id, whose.id, stay, qty, "Surplus de courgettes", **more)
    return service.ask(wanted, actor, uid_host="mutualim.test")


def letters(post):
    return {mail.to: mail for mail in post.run()}


def test_what_is_borrowed_is_said_to_both_sides(post, world):
    ask(world, world.glaneurs, world.member, 20, LATER)
    found = letters(post)
    same_as_golden(world.locale, "borrowed", found[JEANNE])
    same_as_golden(world.locale, "borrowed_here", found[SOPHIE])


def test_who_gives_some_back_reads_what_is_left(post, world):
    with quiet():
        ask(world, world.glaneurs, world.member, 20, LATER)
    ask(world, world.shop, world.shopkeeper, 10, LATER, recall=True)
    found = letters(post)
    same_as_golden(world.locale, "recalled", found[JEANNE])
    assert "Épicerie" not in str(found[JEANNE])


def test_a_longer_stay_gives_back_for_as_long_as_it_is_needed(post, world):
    with quiet():
        ask(world, world.glaneurs, world.member, 24, STAY)
    ask(world, world.shop, world.shopkeeper, 10, LATER, recall=True)
    found = post.run()
    [theirs] = [mail for mail in found if mail.to == JEANNE]
    same_as_golden(world.locale, "recalled_between", theirs)
    [here] = [mail for mail in found if mail.to == SOPHIE and "Glaneurs" in mail.subject]
    same_as_golden(world.locale, "recalled_here", here)


def test_what_was_offered_from_the_waiting_list_is_called_back(post, world):
    with quiet():
        full = ask(world, world.glaneurs, world.member, 24, LATER)
        service.join(service.Want(world.cold.id, LATER, 24, world.glaneurs.id, "Courges"), world.member)
        service.cancel(full.id, world.member, "Fini")
        service.offer_freed(world.cold.id)
    ask(world, world.shop, world.shopkeeper, 10, LATER, recall=True)
    same_as_golden(world.locale, "offer_called_back", letters(post)[JEANNE])


def test_what_was_proposed_is_called_back(post, world):
    with quiet(), atomic():
        world.cold.approval = "manager"
    with quiet():
        waits = ask(world, world.glaneurs, world.member, 1, FAR)
        service.propose(waits.id, world.manager, service.Offer(world.cold.id, LATER, 24, "Plutôt alors"))
        mine = ask(world, world.shop, world.shopkeeper, 10, LATER, recall=True)
    service.approve(mine.id, world.manager)
    same_as_golden(world.locale, "proposal_called_back", letters(post)[JEANNE])


def test_nothing_is_left(post, world):
    with quiet():
        ask(world, world.glaneurs, world.member, 14, LATER)
        ask(world, world.glaneurs, world.member, 10, LATER)
    ask(world, world.shop, world.shopkeeper, 10, LATER, recall=True)
    same_as_golden(world.locale, "recalled_all", letters(post)[JEANNE])
