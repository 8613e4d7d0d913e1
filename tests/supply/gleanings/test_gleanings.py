"""Gleanings: called for, joined by as many as there are places, in line beyond that; what came of it."""

import pytest
from sqlalchemy import select

from app.accounts.queries import own_data
from app.bookings.errors import KeyReused
from app.core.errors import NotFound, ReasonMissing
from app.infra.db import db
from app.supply.cargo import KILO
from app.supply.gleanings import queries, service
from app.supply.gleanings.errors import (
    BadGleaning,
    BadGroup,
    FewerThanGoing,
    NotAllFit,
    NotBegun,
    SignUpClosed,
    TooFewPlaces,
)
from app.supply.gleanings.models import GleaningSignUp
from app.supply.gleanings.rules import InLine, Place, State, moved_up
from app.supply.offers.errors import BadOffer, NotTakingPart
from app.supply.offers.queries import concerned_by
from tests.factories import at
from tests.supply.gleanings.world import Orchard, a_gleaning, soon
from tests.supply.offers.world import HERE, archive, erase

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture
def orchard() -> Orchard:
    return Orchard()


def places(gleaning):
    return [(each.person.name, each.people, each.place) for each in queries.sign_ups_of(gleaning.id)]


# -- the rule -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("free", "line", "up"),
    [
        (0, [(1, 1)], []),
        (0, [(1, 1, True)], []),
        (1, [(1, 1), (2, 1)], [(1, 1)]),
        (
            2,
            [(1, 4), (2, 1), (3, 1), (4, 1)],
            [(2, 1), (3, 1)],
        ),  # a large group keeps its turn, and keeps nobody out
        (2, [(1, 4, True), (2, 1)], [(1, 2)]),  # some of it come
        (6, [(1, 4), (2, 3, True), (3, 2)], [(1, 4), (2, 2)]),
        (6, [(1, 4), (2, 3), (3, 2)], [(1, 4), (3, 2)]),
        (3, [], []),
    ],
)
def test_free_places_go_to_the_first_who_fit_in_or_come_in_part(free, line, up):
    assert moved_up(free, [InLine(*each) for each in line]) == up


# -- calling --------------------------------------------------------------------------------------------------


def test_a_call_knows_what_it_is_on_the_road(orchard):
    """S27: 125 crates, 4 pallets, 1 787.5 kg with the packaging."""
    harvest = orchard.call().harvest
    assert (harvest.packages, harvest.pallets, harvest.gross) == (125, 4, 1_787_500)


def test_it_concerns_who_is_within_thirty_kilometres(orchard):
    """S27: Nort-sur-Erdre is told, Châteaubriant at 30.8 km is not."""
    assert concerned_by(orchard.call()) == [orchard.ours.id]


def test_the_same_key_calls_once(orchard):
    first, second = (
        service.call(orchard.farmer, orchard.farm.id, a_gleaning(), "once") for _again in range(2)
    )
    assert first.id == second.id


@pytest.mark.parametrize(
    "facts",
    [
        {"product": "Poires"},
        {"end_at": at("2026-10-10 12:00")},
        {"most_people": 7},
        {"place": HERE._replace(words="Autre champ")},
        {"advice": service.Advice(ask_for="Paule", tools_to_bring="Gants")},
    ],
)
def test_the_same_key_with_another_call_is_refused(orchard, facts):
    made = service.call(orchard.farmer, orchard.farm.id, a_gleaning(product="Pommes "), "once")
    with pytest.raises(KeyReused):
        service.call(orchard.farmer, orchard.farm.id, a_gleaning(**facts), "once")
    assert service.call(orchard.farmer, orchard.farm.id, a_gleaning(), "once").id == made.id  # trimmed alike
    service.change(orchard.farmer, made.id, a_gleaning(**facts))
    assert (
        service.call(orchard.farmer, orchard.farm.id, a_gleaning(), "once").id == made.id
    )  # sent again late


@pytest.mark.parametrize(
    ("facts", "field", "reason"),
    [
        ({"start_at": at("2026-08-01 09:00"), "end_at": at("2026-08-01 12:00")}, "day", "past"),
        ({"end_at": at("2026-10-10 09:00")}, "end", "times"),
        ({"end_at": at("2026-10-12 09:00")}, "end", "times"),
        ({"start_at": at("2027-10-10 09:00"), "end_at": at("2027-10-10 12:00")}, "day", "too_far"),
        ({"least_people": 0}, "most_people", "people"),
        ({"least_people": 7}, "most_people", "people"),
        ({"most_people": 501}, "most_people", "people"),
        ({"min_age": 130}, "min_age", "age"),
    ],
)
def test_what_cannot_be_called_for_is_refused(orchard, facts, field, reason):
    with pytest.raises(BadGleaning) as refused:
        orchard.call(**facts)
    assert (refused.value.facts["field"], refused.value.facts["reason"]) == (field, reason)


def test_what_has_no_name_is_refused(orchard):
    with pytest.raises(BadOffer):
        orchard.call(product=" ")


def test_only_its_members_call_and_change_and_cancel(orchard):
    gleaning = orchard.call()
    for act in (
        lambda: service.call(orchard.member, orchard.farm.id, a_gleaning()),
        lambda: service.change(orchard.member, gleaning.id, a_gleaning(most_people=9)),
        lambda: service.cancel(orchard.member, gleaning.id, "Non"),
        lambda: service.harvest(orchard.member, gleaning.id, KILO),
    ):
        with pytest.raises(NotTakingPart):
            act()
    with pytest.raises(NotFound):
        service.change(orchard.farmer, 0, a_gleaning())


# -- signing up -----------------------------------------------------------------------------------------------


def test_people_come_alone_or_with_others_and_then_stand_in_line(orchard):
    gleaning = orchard.call()
    anne, bob, cleo, dan = (orchard.somebody(name) for name in ("Anne", "Bob", "Cléo", "Dan"))
    service.sign_up(anne, gleaning.id, 4)
    service.sign_up(bob, gleaning.id, 3, split=False)
    service.sign_up(cleo, gleaning.id, 2)
    service.sign_up(dan, gleaning.id, 1)
    assert places(gleaning) == [
        ("Anne", 4, Place.GOING),
        ("Bob", 3, Place.WAITING),
        ("Cléo", 2, Place.GOING),
        ("Dan", 1, Place.WAITING),
    ]
    assert queries.count_of(gleaning.id) == (6, 4)


def test_who_is_next_moves_up_when_somebody_withdraws_or_comes_with_fewer(orchard):
    gleaning = orchard.call()
    anne, bob, cleo = (orchard.somebody(name) for name in ("Anne", "Bob", "Cléo"))
    service.sign_up(anne, gleaning.id, 6)
    service.sign_up(bob, gleaning.id, 3)
    service.sign_up(cleo, gleaning.id, 1)
    service.sign_up(anne, gleaning.id, 5)
    assert places(gleaning)[2] == ("Cléo", 1, Place.GOING)
    service.withdraw(anne, gleaning.id)
    assert places(gleaning) == [("Bob", 3, Place.GOING), ("Cléo", 1, Place.GOING)]
    with pytest.raises(NotFound):
        service.withdraw(anne, gleaning.id)


def test_a_group_for_which_there_is_not_room_says_whether_some_come(orchard):
    gleaning = orchard.call()
    anne, bob, cleo = (orchard.somebody(name) for name in ("Anne", "Bob", "Cléo"))
    service.sign_up(anne, gleaning.id, 2)
    with pytest.raises(NotAllFit) as refused:
        service.sign_up(bob, gleaning.id, 6)
    assert (refused.value.facts["left"], refused.value.facts["people"]) == (4, 6)
    assert places(gleaning) == [("Anne", 2, Place.GOING)]
    own = service.sign_up(bob, gleaning.id, 6, split=True)
    service.sign_up(cleo, gleaning.id, 1)
    assert (own.people, own.waiting, queries.count_of(gleaning.id)) == (4, 2, (6, 3))
    service.sign_up(anne, gleaning.id, 1)  # the freed place is Bob's, who stands before Cléo
    assert (own.people, own.waiting) == (5, 1)
    service.sign_up(bob, gleaning.id, 4)
    assert (own.people, own.waiting, places(gleaning)[2]) == (4, 0, ("Cléo", 1, Place.GOING))


def test_a_group_in_line_comes_in_part_and_keeps_its_turn(orchard):
    gleaning = orchard.call()
    anne, bob = orchard.somebody("Anne"), orchard.somebody("Bob")
    service.sign_up(anne, gleaning.id, 6)
    own = service.sign_up(bob, gleaning.id, 5)
    service.sign_up(anne, gleaning.id, 3)
    assert (own.place, own.people) == (Place.WAITING, 5)
    service.sign_up(bob, gleaning.id, 5, split=True)
    assert (own.place, own.people, own.waiting) == (Place.GOING, 3, 2)
    assert service.withdraw(anne, gleaning.id)
    assert (own.people, own.waiting) == (5, 0)
    assert queries.count_of(gleaning.id) == (5, 0)


def test_who_has_a_place_brings_no_more_than_there_is_room_for(orchard):
    gleaning = orchard.call()
    anne = orchard.somebody()
    service.sign_up(anne, gleaning.id, 2)
    service.sign_up(orchard.other, gleaning.id, 3)
    with pytest.raises(TooFewPlaces) as refused:
        service.sign_up(anne, gleaning.id, 4)
    assert refused.value.facts["left"] == 1
    for people in (0, 7, 21):
        with pytest.raises(BadGroup):
            service.sign_up(anne, gleaning.id, people)


def test_strangers_do_not_sign_up_and_the_coordination_may(orchard):
    gleaning = orchard.call()
    with pytest.raises(NotTakingPart):
        service.sign_up(orchard.stranger, gleaning.id, 1)
    assert service.sign_up(orchard.coordinator, gleaning.id, 1).place == Place.GOING


def test_nobody_signs_up_or_withdraws_once_it_has_begun_or_is_cancelled(orchard, frozen):
    gleaning = service.call(orchard.farmer, orchard.farm.id, soon())
    service.sign_up(orchard.member, gleaning.id, 1)
    frozen.tick(hours=1)
    for act in (
        lambda: service.sign_up(orchard.other, gleaning.id, 1),
        lambda: service.withdraw(orchard.member, gleaning.id),
    ):
        with pytest.raises(SignUpClosed):
            act()
    cancelled = orchard.call()
    service.cancel(orchard.farmer, cancelled.id, "Grêle")
    with pytest.raises(SignUpClosed):
        service.sign_up(orchard.member, cancelled.id, 1)


# -- changing, cancelling -------------------------------------------------------------------------------------


def test_a_call_for_more_people_lets_those_in_line_move_up(orchard):
    gleaning = orchard.call()
    service.sign_up(orchard.member, gleaning.id, 6)
    service.sign_up(orchard.other, gleaning.id, 2)
    with pytest.raises(FewerThanGoing) as refused:
        service.change(orchard.farmer, gleaning.id, a_gleaning(most_people=5))
    assert refused.value.facts["going"] == 6
    service.change(orchard.farmer, gleaning.id, a_gleaning(most_people=8))
    assert queries.count_of(gleaning.id) == (8, 0)


def test_a_change_counts_and_nothing_changed_does_not(orchard):
    gleaning = orchard.call()
    service.change(orchard.farmer, gleaning.id, a_gleaning())
    assert gleaning.revision == 0
    service.change(orchard.farmer, gleaning.id, a_gleaning(min_age=12))
    assert (gleaning.revision, gleaning.min_age) == (1, 12)
    with pytest.raises(BadGleaning):
        service.change(orchard.farmer, gleaning.id, a_gleaning(start_at=at("2026-08-01 09:00")))


def test_cancelling_says_why(orchard, frozen):
    gleaning = orchard.call()
    with pytest.raises(ReasonMissing):
        service.cancel(orchard.farmer, gleaning.id, " ")
    service.cancel(orchard.farmer, gleaning.id, "Grêle")
    assert (gleaning.state, gleaning.reason) == (State.CANCELLED, "Grêle")
    with pytest.raises(SignUpClosed):
        service.change(orchard.farmer, gleaning.id, a_gleaning())
    frozen.tick(days=60)
    with pytest.raises(NotBegun):
        service.harvest(orchard.farmer, gleaning.id, KILO)


# -- afterwards -----------------------------------------------------------------------------------------------


def test_what_was_picked_up_is_noted_and_corrected(orchard, frozen):
    gleaning = service.call(orchard.farmer, orchard.farm.id, soon())
    with pytest.raises(NotBegun):
        service.harvest(orchard.farmer, gleaning.id, 900 * KILO)
    frozen.tick(hours=3)
    assert service.expire_due() == 1
    assert gleaning.state == State.OVER
    service.harvest(orchard.farmer, gleaning.id, 900 * KILO)
    service.harvest(orchard.farmer, gleaning.id, 912 * KILO)
    assert (gleaning.state, gleaning.harvest.packages) == (State.DONE, 76)
    assert service.expire_due() == 0


def test_who_came_is_noted_and_counted(orchard, frozen):
    gleaning = service.call(orchard.farmer, orchard.farm.id, soon())
    one = service.sign_up(orchard.member, gleaning.id, 2)
    two = service.sign_up(orchard.other, gleaning.id, 3)
    with pytest.raises(NotBegun):
        service.note_attendance(orchard.farmer, gleaning.id, [one.public_id])
    frozen.tick(hours=3)
    service.note_attendance(orchard.farmer, gleaning.id, [one.public_id, two.public_id])
    assert gleaning.came == 5
    service.note_attendance(orchard.farmer, gleaning.id, [two.public_id])
    assert ([each.came for each in queries.sign_ups_of(gleaning.id)], gleaning.came) == ([False, True], 3)


def test_who_came_and_whom_to_ask_for_is_forgotten_thirty_days_later(orchard, frozen):
    gleaning = service.call(
        orchard.farmer, orchard.farm.id, soon(advice=service.Advice("", "Paul", note="Oui"))
    )
    one = service.sign_up(orchard.member, gleaning.id, 2)
    frozen.tick(hours=4)
    service.note_attendance(orchard.farmer, gleaning.id, [one.public_id])
    frozen.tick(days=29)
    service.forget_old()
    assert db.session.scalar(select(GleaningSignUp.id)) is not None
    frozen.tick(days=1)
    service.forget_old()
    db.session.refresh(gleaning)
    assert db.session.scalar(select(GleaningSignUp.id)) is None
    assert (gleaning.ask_for, gleaning.note, gleaning.came) == ("", "Oui", 2)
    frozen.tick(days=3 * 366)
    service.forget_old()
    db.session.refresh(gleaning)
    assert gleaning.note == ""


# -- leaving --------------------------------------------------------------------------------------------------


def test_an_archived_organisation_cancels_what_it_calls_for(orchard):
    gleaning, other = orchard.call(), orchard.call()
    service.cancel(orchard.farmer, other.id, "Grêle")
    archive(orchard, orchard.farm)
    assert (gleaning.state, gleaning.reason, other.reason) == (State.CANCELLED, "Nous cessons.", "Grêle")


def test_who_erases_their_account_is_on_no_list(orchard, frozen):
    past = service.call(orchard.farmer, orchard.farm.id, soon())
    one = service.sign_up(orchard.member, past.id, 1)
    frozen.tick(hours=2)
    service.note_attendance(orchard.farmer, past.id, [one.public_id])
    gleaning = orchard.call()
    service.sign_up(orchard.member, gleaning.id, 6)
    service.sign_up(orchard.other, gleaning.id, 1)
    told = own_data(orchard.people["ours"].id)
    assert [each["people"] for each in told["gleaning_sign_ups"]] == [1, 6]
    assert len(own_data(orchard.people["farm"].id)["gleanings_called"]) == 2
    erase(orchard.people["ours"])
    assert places(gleaning) == [("Others", 1, Place.GOING)]
    assert (queries.sign_ups_of(past.id), past.came) == ([], 1)
