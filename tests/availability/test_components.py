"""Resources made of others: taken together in one hold, refused by the name of the part, searched and shown as they are."""

import pytest
from sqlalchemy import select

from app.availability.alternatives import alternatives
from app.availability.closures import Subject, close, closures_of, lift
from app.availability.errors import PartsTaken, SeveralRefused, SlotRefused
from app.availability.models import Claim
from app.availability.queries import Wish, get_terms, taken_by_resource, verdict, windows_between
from app.availability.search import Window, free_in, next_free
from app.availability.service import confirm, move, release, take, take_each
from app.availability.several import verdicts
from app.availability.words.refusals import Scene, refusal_words
from app.catalogue import service as catalogue
from app.catalogue.errors import BadPart, PartOfOthers
from app.catalogue.models import Status
from app.catalogue.search import Filter, matching
from app.core.errors import Forbidden
from app.infra.uow import atomic
from tests.factories import (
    PARIS,
    a_manager,
    a_person,
    a_resource,
    a_site,
    a_territory,
    actor_of,
    an_organisation,
    made_of,
    span,
)

MORNING = span("2026-10-06 09:00", "2026-10-06 11:00")
NOON = span("2026-10-06 11:00", "2026-10-06 12:00")


@pytest.fixture
def site(session, frozen):
    return a_site(an_organisation(a_territory()), hours="Mo-Su 07:00-22:00")


@pytest.fixture
def kitchen(site):
    """A whole kitchen: its four stations, and the oven, which cools down for half an hour."""
    whole = a_resource(site, name="Cuisine entière")
    stations = a_resource(site, name="Postes", mode="stations", capacity=4, unit="station")
    oven = a_resource(site, name="Four", buffer_after=30)
    made_of(whole, stations, qty=4)
    made_of(whole, oven)
    return whole, stations, oven


@pytest.fixture
def hall(site):
    whole = a_resource(site, name="Grande salle", kind="room")
    halves = [a_resource(site, name=f"Moitié {letter}", kind="room") for letter in "AB"]
    made_of(whole, *halves)
    return whole, *halves


def claims(session, resource):
    found = select(Claim.start_at, Claim.end_at, Claim.qty).where(Claim.resource_id == resource.id)
    return [tuple(row) for row in session.execute(found.order_by(Claim.id))]


def refused(resource, wanted, qty=1):
    return [(refusal.code, refusal.facts.get("part")) for refusal in verdict(Wish(resource.id, wanted, qty))]


def test_a_whole_takes_its_parts_with_their_own_buffers_in_one_hold(session, kitchen):
    whole, stations, oven = kitchen
    start, end = MORNING.epochs
    hold = take([Wish(whole.id, MORNING)])
    assert claims(session, whole) == [(start, end, 1)]
    assert claims(session, stations) == [(start, end, 4)]
    assert claims(session, oven) == [(start, end + 1800, 1)]
    release(hold)
    assert session.scalars(select(Claim)).all() == []


def test_parts_and_whole_stand_in_each_others_way(kitchen):
    whole, stations, oven = kitchen
    take([Wish(stations.id, MORNING, 1)])
    assert refused(whole, MORNING) == [("taken", stations.id)]
    assert refused(stations, MORNING, 3) == []
    take([Wish(whole.id, NOON)])
    assert refused(stations, NOON) == [("capacity", None)]
    assert refused(oven, span("2026-10-06 12:00", "2026-10-06 13:00")) == [("buffer", None)]


def test_a_hall_blocks_its_halves_and_each_half_the_hall(hall):
    whole, first, second = hall
    take([Wish(first.id, MORNING)])
    with pytest.raises(SlotRefused):
        take([Wish(whole.id, MORNING)])
    take([Wish(second.id, MORNING)])
    take([Wish(whole.id, NOON)])
    for half in (first, second):
        assert refused(half, NOON) == [("taken", None)]


def test_the_refusal_names_the_part_and_something_else_is_offered(app, kitchen):
    whole, _stations, oven = kitchen
    take([Wish(oven.id, MORNING)])
    refusal = verdict(Wish(whole.id, MORNING))[0]
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        said = refusal_words(refusal, Scene(get_terms(whole.id)))
        assert said.sentence == "«\u00a0Four\u00a0» est déjà pris de 09:00 à 11:00."
        cooling = verdict(Wish(whole.id, NOON))[0]
        assert refusal_words(cooling, Scene(get_terms(whole.id))).sentence == (
            "«\u00a0Four\u00a0» est en cours de remise en état jusqu’à 11:30\u00a0: choisissez 11:30 ou plus tard."
        )
    offers = alternatives(Wish(whole.id, MORNING))
    assert offers
    assert all(verdict(Wish(offer.resource_id, offer.span, offer.qty)) == () for offer in offers)


def test_what_is_made_of_composed_parts_takes_them_all(session, site):
    board = a_resource(site, name="Planche", kind="equipment", mode="quantity", capacity=20, unit="piece")
    kit = a_resource(site, name="Kit", kind="equipment", mode="quantity", capacity=4, unit="kit")
    workshop = a_resource(site, name="Atelier")
    made_of(kit, board, qty=2)
    made_of(workshop, kit, qty=3)
    made_of(workshop, board, qty=5)
    take([Wish(workshop.id, MORNING)])
    start, end = MORNING.epochs
    assert claims(session, kit) == [(start, end, 3)]
    assert claims(session, board) == [(start, end, 11)]
    take([Wish(board.id, MORNING, 8)])
    assert refused(kit, MORNING) == [("capacity", board.id)]


def test_several_wishes_at_once_count_for_each_other(site):
    board = a_resource(site, kind="equipment", mode="quantity", capacity=3, unit="piece")
    kits = [a_resource(site, kind="equipment") for _ in range(2)]
    made_of(kits[0], board, qty=2)
    made_of(kits[1], board, qty=2)
    with pytest.raises(SlotRefused):
        take([Wish(kit.id, MORNING) for kit in kits])
    take([Wish(kits[0].id, MORNING), Wish(kits[1].id, NOON)])


def test_moving_frees_the_parts_and_takes_them_elsewhere(session, kitchen):
    whole, _stations, oven = kitchen
    hold = take([Wish(whole.id, MORNING)])
    move(hold, [Wish(whole.id, span("2026-10-06 10:00", "2026-10-06 12:00"))])
    confirm(hold)
    assert refused(oven, span("2026-10-06 08:00", "2026-10-06 09:30")) == []
    assert refused(oven, NOON) == [("taken", None)]


def test_dates_of_a_series_count_for_the_parts_of_the_following(kitchen):
    whole, stations, oven = kitchen
    take([Wish(stations.id, span("2026-10-13 09:00", "2026-10-13 10:00"), 1)])
    wishes = [
        Wish(whole.id, MORNING),
        Wish(whole.id, NOON),
        Wish(whole.id, span("2026-10-13 09:00", "2026-10-13 11:00")),
    ]
    found = verdicts(wishes)
    assert [[r.code for r in refusals] for refusals in found] == [[], ["buffer"], ["taken"]]
    assert found[1][0].facts["part"] == oven.id
    with pytest.raises(SeveralRefused):
        take_each(wishes)
    taken = take_each(wishes, keep_free=True)
    assert [isinstance(each, int) for each in taken] == [True, False, False]


def test_search_windows_and_next_time_know_of_parts(kitchen):
    whole, _stations, oven = kitchen
    window = Window(MORNING, 1, PARIS)
    assert whole.id in {hit.resource_id for hit in free_in(matching(Filter()), window)}
    take([Wish(oven.id, span("2026-10-06 07:00", "2026-10-06 12:00"))])
    found = {hit.resource_id for hit in free_in(matching(Filter()), window)}
    assert found.isdisjoint({whole.id, oven.id})
    since, until = span("2026-10-06 00:00", "2026-10-07 00:00").epochs
    assert windows_between(get_terms(whole.id), since, until) == [
        span("2026-10-06 12:30", "2026-10-06 22:00")
    ]
    take([Wish(oven.id, span("2026-09-01 11:00", "2026-09-01 12:00"))])
    assert next_free([whole.id])[whole.id].start == span("2026-09-01 12:30", "2026-09-01 13:00").start


def test_a_broken_part_breaks_the_whole(kitchen):
    whole, _stations, oven = kitchen
    with atomic():
        oven.status = Status.OUT_OF_ORDER
    assert refused(whole, MORNING) == [("not_usable", oven.id)]
    found = free_in(matching(Filter()), Window(MORNING, 1, PARIS))
    assert whole.id not in {hit.resource_id for hit in found}
    assert next_free([whole.id]) == {}


@pytest.fixture
def manager(site):
    return actor_of(a_manager(site), managed_sites=frozenset({site.id}))


def test_a_closed_part_shows_on_the_whole(kitchen, manager):
    whole, _stations, oven = kitchen
    closure = close(Subject.of(oven), MORNING, "Panne", manager)
    assert refused(whole, MORNING) == [("closed", oven.id)]
    early = verdict(Wish(whole.id, span("2026-10-06 09:00", "2026-10-06 10:00")))[0]
    assert early.facts["until"] == MORNING.epochs[1]
    assert [claim.kind for claim in taken_by_resource([whole.id], *MORNING.epochs)[whole.id]] == ["closure"]
    lift(closure, manager)
    assert refused(whole, MORNING) == []


def test_a_hall_closes_with_its_halves_and_a_kit_leaves_the_pool_open(site, hall, manager):
    whole, first, _second = hall
    close(Subject.of(whole), MORNING, "Travaux", manager)
    assert refused(first, MORNING) == [("closed", None)]
    board = a_resource(site, kind="equipment", mode="quantity", capacity=9, unit="piece")
    kit = a_resource(site, kind="equipment")
    made_of(kit, board, qty=2)
    close(Subject.of(kit), MORNING, "À compléter", manager)
    assert refused(board, MORNING, 9) == []
    assert len(closures_of(site)) == 2


def test_what_a_closed_hall_gets_back_of_its_halves_stays_closed(hall, manager):
    whole, first, _second = hall
    hold = take([Wish(first.id, MORNING)])
    close(Subject.of(whole), MORNING, "Travaux", manager)
    release(hold)
    assert refused(first, MORNING) == [("closed", None)]


# -- what managers compose ------------------------------------------------------------------------------------


def test_composing_takes_the_parts_for_what_is_booked_already(session, site, manager):
    whole, oven, scale = (a_resource(site, name=name) for name in ("Cuisine", "Four", "Balance"))
    hold = take([Wish(whole.id, MORNING)])
    take([Wish(oven.id, NOON)])
    assert catalogue.compose(manager, whole, {oven.public_id: 1})
    assert refused(oven, MORNING) == [("taken", None)]
    assert not catalogue.compose(manager, whole, {oven.public_id: 1})
    catalogue.compose(manager, whole, {scale.public_id: 1})
    assert refused(oven, MORNING) == []
    assert refused(scale, MORNING) == [("taken", None)]
    release(hold)
    assert claims(session, scale) == []


def test_composing_is_refused_when_what_is_booked_would_not_fit(session, site, manager):
    whole, oven = a_resource(site, name="Cuisine"), a_resource(site, name="Four")
    take([Wish(whole.id, MORNING)])
    take([Wish(oven.id, MORNING)])
    with pytest.raises(PartsTaken) as refusal:
        catalogue.compose(manager, whole, {oven.public_id: 1})
    assert refusal.value.facts["part"] == "Four"
    assert (refusal.value.facts["peak"], refusal.value.facts["total"]) == (2, 1)


def test_a_larger_whole_follows_what_its_parts_are_made_of(session, site, manager):
    hall, half, table = (a_resource(site, name=name) for name in ("Salle", "Moitié", "Table"))
    made_of(hall, half)
    take([Wish(hall.id, MORNING)])
    catalogue.compose(manager, half, {table.public_id: 1})
    assert refused(table, MORNING) == [("taken", None)]


def test_a_long_stay_takes_its_new_parts_all_along(session, site, manager):
    store = a_resource(
        site, step_minutes=1440, min_minutes=1440, max_minutes=1440 * 60, opening_mode="always"
    )
    key = a_resource(site, step_minutes=1440, min_minutes=1440, max_minutes=1440 * 60, opening_mode="always")
    stay = span("2026-10-06 00:00", "2026-11-06 00:00")
    take([Wish(store.id, stay)])
    catalogue.compose(manager, store, {key.public_id: 1})
    found = claims(session, key)
    assert (found[0][0], found[-1][1]) == stay.epochs
    assert len(found) == 5


def test_a_closure_lets_go_for_parts_that_are_promised(site, manager):
    whole, oven = a_resource(site, name="Cuisine"), a_resource(site, name="Four")
    take([Wish(whole.id, MORNING)])
    close(Subject.of(oven), span("2026-10-06 08:00", "2026-10-06 12:00"), "Panne", manager)
    catalogue.compose(manager, whole, {oven.public_id: 1})
    assert refused(oven, MORNING) == [("taken", None)]
    assert refused(oven, NOON) == [("closed", None)]


@pytest.mark.parametrize(
    ("qty", "reason"), [(2, "too_many"), (0, "none")], ids=("more than there are", "none at all")
)
def test_numbers_of_parts_are_checked(site, manager, qty, reason):
    whole, part = a_resource(site), a_resource(site)
    with pytest.raises(BadPart) as refusal:
        catalogue.compose(manager, whole, {part.public_id: qty})
    assert refusal.value.facts["reason"] == reason


def test_nothing_takes_itself_even_through_others(site, manager):
    first, second, third = (a_resource(site) for _ in range(3))
    with pytest.raises(BadPart) as refusal:
        catalogue.compose(manager, first, {first.public_id: 1})
    assert refusal.value.facts["reason"] == "itself"
    catalogue.compose(manager, first, {second.public_id: 1})
    catalogue.compose(manager, second, {third.public_id: 1})
    with pytest.raises(BadPart) as refusal:
        catalogue.compose(manager, third, {first.public_id: 1})
    assert refusal.value.facts["reason"] == "circle"


def test_only_who_manages_the_site_composes(site):
    whole, part = a_resource(site), a_resource(site)
    with pytest.raises(Forbidden):
        catalogue.compose(actor_of(a_person()), whole, {part.public_id: 1})


def test_a_part_is_not_archived_from_under_its_whole(hall, manager):
    whole, first, _second = hall
    with pytest.raises(PartOfOthers) as refusal:
        catalogue.archive_resource(manager, first)
    assert refusal.value.facts["names"] == ["Grande salle"]
    catalogue.archive_resource(manager, whole)
    catalogue.archive_resource(manager, first)
