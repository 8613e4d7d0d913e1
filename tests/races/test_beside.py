"""Acts on two legs of one request at the same moment, one stopped in the middle: neither undoes what the other did.

The order is forced, because the moment between reading a leg and writing its deadline is short. SQLite has one writer,
so that nothing can come between.
"""

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.queries import load_actor
from app.availability.models import Hold
from app.bookings import links, service
from app.bookings.models import Booking
from app.bookings.service import as_one
from app.core import clock
from app.infra.db import db
from tests.databases import KIND
from tests.factories import a_manager, a_member, a_resource, a_site, a_territory, an_organisation, at, span

pytestmark = [
    pytest.mark.race,
    pytest.mark.skipif(KIND != "postgres", reason="SQLite has one writer"),
]
NOW = at("2026-09-01 10:00")
SOON, LATE = span("2026-09-02 06:00", "2026-09-02 08:00"), span("2026-09-09 18:00", "2026-09-09 20:00")
PATIENCE = 10  # seconds: far more than an act takes


class Pair:
    """Two places with a manager each, one asked for soon and one late; by id, for threads of their own."""

    def __init__(self, app):
        self.app, self.now, self.answers = app, NOW, {}
        with self.inside():
            territory = a_territory()
            owner = an_organisation(territory, priority_class="P0")
            sites = [a_site(owner, hours="24/7") for _ in range(2)]
            first, second = (a_resource(site, hours="24/7").id for site in sites)
            self.managers = [a_manager(site).id for site in sites]
            association = an_organisation(territory)
            self.member, self.resources = a_member(association).id, (first, second)
            wanted = (service.Leg(first, SOON), service.Leg(second, LATE))
            bundle = service.ask_bundle(
                service.BundleRequest(association.id, wanted, "x"),
                load_actor(self.member),
                uid_host="races.test",
            )
            self.bundle = bundle.id
            legs = select(Booking.id).filter_by(bundle_id=bundle.id).order_by(Booking.leg_number)
            self.soon, self.late = db.session.scalars(legs)

    @contextmanager
    def inside(self):
        with self.app.app_context(), clock.stopped(self.now):
            yield
            db.session.remove()

    def propose(self, slot):
        with self.inside():
            offer = service.Offer(self.resources[0], slot, 1)
            return service.propose(self.soon, load_actor(self.managers[0]), offer).expires_at

    def begin(self, name, act):
        """Do an act in a thread; what it gives, or raises, is in `answers`."""

        def run():
            with self.inside():
                try:
                    self.answers[name] = act()
                except Exception as error:  # looked at by the test
                    self.answers[name] = error

        thread = threading.Thread(target=run, name=name)
        thread.start()
        return thread

    def approve_late(self):
        return service.approve(self.late, load_actor(self.managers[1])).decision

    def is_kept_for_good(self):
        """Tell whether the leg of the late slot is accepted, and its hold has no end."""
        with self.inside():
            leg = db.session.get_one(Booking, self.late)
            ends = db.session.scalar(select(Hold.expires_at).filter_by(id=leg.hold_id))
            return (leg.decision, leg.expires_at, ends) == ("approved", None, None)


@pytest.fixture
def pair(fresh_database):
    return Pair(fresh_database.app)


def between(monkeypatch, owner, name, thread):
    """Stop one thread as it enters a function; give what tells that it is there, and what lets it go on."""
    there, go_on, real = threading.Event(), threading.Event(), getattr(owner, name)

    def paused(*args):
        if threading.current_thread().name == thread:
            there.set()
            go_on.wait(PATIENCE)
        return real(*args)

    monkeypatch.setattr(owner, name, paused)
    return there, go_on


@pytest.mark.parametrize("act", ["approve", "lapse"])
def test_a_leg_that_is_accepted_gets_no_deadline_again_from_the_one_beside(pair, monkeypatch, act):
    lapses_at = pair.propose(span("2026-09-01 13:00", "2026-09-01 15:00"))
    if act == "lapse":
        pair.now = lapses_at + timedelta(seconds=5)
    there, go_on = between(monkeypatch, as_one, "_end_as_one", "first")
    acts = {
        "approve": lambda: service.approve(pair.soon, load_actor(pair.managers[0])).decision,
        "lapse": service.sweep_proposals,
    }
    first = pair.begin("first", acts[act])
    assert there.wait(PATIENCE)
    second = pair.begin("second", pair.approve_late)
    second.join(1)
    go_on.set()
    first.join(PATIENCE)
    second.join(PATIENCE)
    assert pair.answers == {"first": "approved" if act == "approve" else 1, "second": "approved"}
    assert pair.is_kept_for_good()


def test_undoing_by_link_and_giving_up_the_whole_lock_in_one_order(pair, monkeypatch):
    with pair.inside():
        secret = service.open_decision_link(pair.late, pair.managers[1])
        links.decide_by_link(secret, links.Verdict.APPROVE)
    there, go_on = between(monkeypatch, service, "undo", "first")
    first = pair.begin("first", lambda: links.undo_by_link(secret).decision)
    assert there.wait(PATIENCE)
    second = pair.begin(
        "second", lambda: service.cancel_bundle(pair.bundle, load_actor(pair.member), "Fini").id
    )
    second.join(1)
    go_on.set()
    first.join(PATIENCE)
    second.join(PATIENCE)
    assert pair.answers == {"first": "pending", "second": pair.bundle}
