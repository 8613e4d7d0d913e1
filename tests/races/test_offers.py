"""A proposal is taken once or not at all, however many click at the same time, and nothing is promised twice."""

import os
import time
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from app.availability.models import Hold
from app.bookings import service
from app.bookings.models import Booking, Proposal
from app.core import clock
from app.core.errors import DomainError
from app.core.policy import Actor
from app.infra.db import db
from tests.factories import a_manager, a_member, a_resource, a_site, a_territory, an_organisation, at, span
from tests.races.writers import FORK, broken_promises

SECONDS = float(os.environ.get("RACE_SECONDS", "4"))
SLOT = span("2027-06-07 09:00", "2027-06-07 12:00")
OTHER = span("2027-06-07 10:00", "2027-06-07 13:00")


class Pair:
    """Two places of one manager, and somebody who asks; by id, for processes that open connections of their own."""

    def __init__(self):
        territory = a_territory()
        owner = an_organisation(territory, priority_class="P0")
        site = a_site(owner, hours="24/7")
        self.first, self.second = (a_resource(site, horizon_days=4000).id for _ in range(2))
        association = an_organisation(territory)
        self.association = association.id
        self.member = Actor(person_id=a_member(association).id, memberships={association.id: "member"})
        self.manager = Actor(person_id=a_manager(site).id, managed_sites=frozenset({site.id}))

    def ask(self, resource_id, slot=SLOT):
        request = service.Request(resource_id, self.association, slot, 1, "race")
        return service.ask(request, self.member, uid_host="races.test").id

    def propose(self, booking_id, resource_id, slot=OTHER):
        return service.propose(booking_id, self.manager, service.Offer(resource_id, slot, 1)).ref


@pytest.fixture
def pair(fresh_database):
    with fresh_database.app.app_context(), clock.stopped(at("2026-09-01 10:00")):
        return Pair()


def at_once(app, acts: list[Any]) -> Counter[str]:
    """Do acts in processes of their own at the same moment; count how each ended."""
    with app.app_context():
        db.engine.dispose()
    answers, start = FORK.Queue(), time.time() + 0.3
    workers = [FORK.Process(target=_one, args=(app, act, start, answers), daemon=True) for act in acts]
    for worker in workers:
        worker.start()
    found = Counter(answers.get(timeout=60) for _ in workers)
    for worker in workers:
        worker.join(timeout=60)
    return found


def _one(app, act, start, answers):
    with app.app_context():
        db.engine.dispose(close=False)
        time.sleep(max(0, start - time.time()))
        try:
            act()
            answers.put("done")
        except DomainError as refused:
            answers.put(refused.code)
        except Exception as error:
            answers.put(repr(error)[:300])
        db.session.remove()
        db.engine.dispose()


@pytest.mark.race
@pytest.mark.parametrize("rival", ["accept", "refuse", "withdraw", "approve", "cancel"])
def test_of_two_answers_at_once_one_counts(fresh_database, pair, rival):
    """In both directions between two places, so that a wrong order of locks would end in a deadlock."""
    end, seen = time.monotonic() + SECONDS / 2, 0
    while seen < 3 or time.monotonic() < end:
        here, there = (pair.first, pair.second) if seen % 2 else (pair.second, pair.first)
        with fresh_database.app.app_context():
            booking_id = pair.ask(here)
            ref = pair.propose(booking_id, there)
        accept = _accepting(pair, booking_id, ref)
        found = at_once(fresh_database.app, [accept] * 2 + [_rival(rival, pair, booking_id, ref)] * 2)
        assert set(found) <= {"done", "already_decided", "illegal_move", "moved_meanwhile"}, found
        with fresh_database.app.app_context():
            service.sweep_proposals()
            booking = db.session.get_one(Booking, booking_id)
            proposal = db.session.scalars(select(Proposal).filter_by(ref=ref)).one()
            taken = proposal.state == "accepted"
            assert (booking.resource_id == there) == taken
            assert db.session.scalar(select(func.count(Proposal.hold_id))) == 0
            assert broken_promises() == []
            if booking.decision in ("pending", "approved"):
                service.cancel(booking_id, pair.member, "race")
            assert db.session.scalar(select(func.count(Hold.id))) == 0
        seen += 1


def _accepting(pair, booking_id, ref):
    return lambda: service.accept_proposal(booking_id, ref, pair.member)


def _rival(name, pair, booking_id, ref):
    acts = {
        "accept": _accepting(pair, booking_id, ref),
        "refuse": lambda: service.refuse(booking_id, pair.manager, "race"),
        "withdraw": lambda: service.withdraw_proposal(booking_id, ref, pair.manager, "race"),
        "approve": lambda: service.approve(booking_id, pair.manager),
        "cancel": lambda: service.cancel(booking_id, pair.member, "race"),
    }
    return acts[name]


@pytest.mark.race
def test_crossing_proposals_between_two_places_never_overbook_nor_deadlock(fresh_database, pair):
    """Eight requests, each with a proposal for the other place at the same time as its neighbour's: all accept at once."""
    with fresh_database.app.app_context():
        pairs = []
        for day in range(8, 12):
            slot, other = (
                span(f"2027-06-{day:02d} {h}", f"2027-06-{day:02d} {e}")
                for h, e in (("08:00", "10:00"), ("12:00", "14:00"))
            )
            for here, there in ((pair.first, pair.second), (pair.second, pair.first)):
                booking_id = pair.ask(here, slot)
                pairs.append((booking_id, pair.propose(booking_id, there, other)))
    found = at_once(fresh_database.app, [_accepting(pair, *each) for each in pairs for _twice in range(2)])
    assert found["done"] == 8
    assert set(found) <= {"done", "already_decided", "illegal_move", "moved_meanwhile"}, found
    with fresh_database.app.app_context():
        assert broken_promises() == []
