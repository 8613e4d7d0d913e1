"""Somebody leaves, an organisation is archived, while sixteen processes do something in their name: never half gone.

Either an act happened before and was taken into account, or it fails in words; no deadlock, nothing made for nobody.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.queues import Queue
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts import queries, service
from app.accounts.leaving import Farewell
from app.accounts.models import AccessToken, Membership, MembershipState, OneTimeToken, Role, RoleGrant
from app.bookings import service as bookings
from app.bookings.models import Booking
from app.bookings.rules import LIVE
from app.calendars import service as calendars
from app.calendars.audiences import Scope
from app.calendars.models import Subscription
from app.calendars.queries import get_subject
from app.catalogue import service as catalogue
from app.catalogue.models import Resource, Site
from app.catalogue.rules import SiteFacts
from app.core import clock
from app.core.errors import DomainError
from app.core.policy import Actor
from app.core.span import Span
from app.infra.db import db
from tests.factories import (
    PARIS,
    a_coordinator,
    a_manager,
    a_member,
    a_person,
    a_resource,
    a_site,
    a_territory,
    an_organisation,
    at,
)
from tests.races.writers import FORK, broken_promises

SECONDS = float(os.environ.get("RACE_SECONDS", "4"))
PROCESSES = 16
Act = Callable[[random.Random], str]


class Scene:
    """Ids of who and what the writers use."""

    def __init__(self) -> None:
        territory = a_territory()
        owner = an_organisation(territory)
        self.ours, self.other = an_organisation(territory), an_organisation(territory)
        site = a_site(owner, hours="24/7")
        self.resources = [a_resource(site, mode="stations", capacity=4, horizon_days=4000) for _ in range(3)]
        admin, person = a_member(self.ours, role=Role.ORG_ADMIN), a_member(self.ours)
        manager, coordinator = a_manager(site), a_coordinator(territory)
        self.territory_id, self.site_id, self.owner_id = territory.id, site.id, owner.id
        self.ours_id, self.ours_slug, self.other_slug = self.ours.id, self.ours.slug, self.other.slug
        self.resource_ids = [each.id for each in self.resources]
        self.public_id = self.resources[0].public_id
        self.admin_id, self.person_id = admin.id, person.id
        self.manager_id, self.coordinator_id = manager.id, coordinator.id

    @property
    def person(self) -> Actor:
        """Act as the person did when the request came in, whatever happened since."""
        return Actor(person_id=self.person_id, memberships={self.ours_id: "member"})

    @property
    def manager(self) -> Actor:
        return Actor(person_id=self.manager_id, managed_sites=frozenset({self.site_id}))

    @property
    def coordinator(self) -> Actor:
        return Actor(person_id=self.coordinator_id, coordinated=frozenset({self.territory_id}))

    def ask(self, dice: random.Random, actor: Actor) -> str:
        start = at("2027-06-07 08:00") + timedelta(days=dice.randrange(20), hours=dice.randrange(8))
        slot = Span(start.astimezone(PARIS), start + timedelta(hours=1))
        wish = bookings.Request(dice.choice(self.resource_ids), self.ours_id, slot, 1, "race")
        bookings.ask(wish, actor, uid_host="races.test")
        return "ask"

    def decide(self, dice: random.Random) -> str:
        found = db.session.scalars(select(Booking.id).where(Booking.decision.in_(LIVE)).limit(40)).all()
        if not found:
            return "nothing"
        act = dice.choice((bookings.approve, bookings.cancel))
        act(dice.choice(found), self.manager, "race")
        return act.__name__


@pytest.fixture
def scene(fresh_database):
    with fresh_database.app.app_context():
        return Scene()


def race(app: Any, acts: list[Act], last: Callable[[], bool]) -> tuple[Counter[str], list[str]]:
    """Let every process do its act again and again; halfway one of them does `last` until it succeeds."""
    with app.app_context():
        db.engine.dispose()
    answers: Queue[tuple[Counter[str], list[str]]] = FORK.Queue()
    until = time.monotonic() + SECONDS

    def work(number: int) -> None:
        dice, done, surprises, left = random.Random(number), Counter[str](), list[str](), False
        with app.app_context():
            db.engine.dispose(close=False)
        while time.monotonic() < until or (number == 0 and not left):
            with app.app_context():
                try:
                    if number == 0 and time.monotonic() > until - SECONDS / 2 and not left:
                        left = last()
                    else:
                        done[acts[number % len(acts)](dice)] += 1
                except DomainError as refused:
                    done[refused.code] += 1
                except Exception as error:
                    surprises.append(repr(error)[:300])
        answers.put((done, surprises))
        with app.app_context():
            db.engine.dispose()

    workers = [FORK.Process(target=work, args=(number,), daemon=True) for number in range(PROCESSES)]
    for worker in workers:
        worker.start()
    told = [answers.get(timeout=SECONDS + 120) for _ in workers]
    for worker in workers:
        worker.join(timeout=60)
    return sum((done for done, _ in told), Counter()), [each for _, found in told for each in found]


def test_nothing_is_made_for_somebody_who_has_left(fresh_database, scene):
    def tie(dice: random.Random) -> str:
        match dice.randrange(5):
            case 0:
                service.create_token(scene.person, "race")
            case 1:
                calendars.subscribe(scene.person, get_subject(Scope.RESOURCE, scene.public_id))
            case 2:
                service.request_membership(scene.person, scene.other_slug, "race")
            case 3:
                service.edit_profile(scene.person, name="Le même", phone="", locale="fr")
            case _:
                person = queries.get_person(scene.person_id)
                service.ask_link(person.email)
        return "tie"

    def grant(_dice: random.Random) -> str:
        scope = {"site_id": scene.site_id, "territory_id": scene.territory_id, "person_id": scene.person_id}
        service.grant_site_manager(scene.coordinator, **scope)
        service.revoke_site_manager(scene.coordinator, **scope)
        return "grant"

    def leave() -> bool:
        standing = queries.standing_of(scene.person_id)
        choice = random.choice((None, scene.admin_id))
        farewell = Farewell(
            standing.fingerprint, "Parti", {scene.ours_id: choice} if standing.pledges else {}
        )
        service.erase_account(scene.person, farewell, present="")
        return True

    acts = [lambda dice: scene.ask(dice, scene.person), scene.decide, tie, grant]
    done, surprises = race(fresh_database.app, acts, leave)
    assert not surprises, surprises[:3]
    assert done["ask"] > 0
    assert done["tie"] > 0
    with fresh_database.app.app_context():
        person = queries.get_person(scene.person_id)
        assert (person.name, bool(person.erased_at)) == ("", True)
        mine = Booking.requester_id == scene.person_id
        coming = select(Booking.id).where(mine, Booking.decision.in_(LIVE), Booking.end_at > clock.now())
        assert db.session.scalars(coming).all() == []
        for table in (AccessToken, OneTimeToken, RoleGrant):
            assert db.session.scalars(select(table.id).filter_by(person_id=scene.person_id)).all() == []
        assert set(db.session.scalars(select(Subscription.revoked_at.is_(None)))) <= {False}
        alive = (MembershipState.ACTIVE, MembershipState.REQUESTED)
        states = select(Membership.state).filter_by(person_id=scene.person_id)
        assert not set(db.session.scalars(states)) & set(alive)
        assert broken_promises() == []


def test_nothing_is_made_for_an_organisation_that_has_left(fresh_database, scene):
    with fresh_database.app.app_context():
        joiners = [a_person().id for _ in range(PROCESSES)]

    def found(dice: random.Random) -> str:
        facts = SiteFacts(name=f"Lieu {dice.random()}", commune_code="44110", description="", address="")
        owner = queries.get_organisation(scene.ours_slug)
        site = catalogue.create_site(scene.coordinator, owner, facts)
        catalogue.archive_site(scene.coordinator, site)
        return "found"

    def join(dice: random.Random) -> str:
        person = queries.load_actor(dice.choice(joiners))
        service.request_membership(person, scene.ours_slug, "race")
        return "join"

    def leave() -> bool:
        seen = service.affairs_of(scene.ours_id).fingerprint
        service.archive_organisation(scene.coordinator, scene.ours_slug, "Nous cessons.", seen=seen)
        return True

    acts = [lambda dice: scene.ask(dice, scene.person), scene.decide, found, join]
    done, surprises = race(fresh_database.app, acts, leave)
    assert not surprises, surprises[:3]
    assert done["ask"] > 0
    assert done["found"] > 0
    with fresh_database.app.app_context():
        assert queries.get_organisation(scene.ours_slug).state == "archived"
        live = select(Booking.id).where(Booking.organisation_id == scene.ours_id, Booking.decision.in_(LIVE))
        assert db.session.scalars(live).all() == []
        assert (
            db.session.scalars(select(Site.id).filter_by(owner_id=scene.ours_id, archived_at=None)).all()
            == []
        )
        assert queries.requests_to_join(scene.ours_id) == []
        assert broken_promises() == []


@pytest.mark.parametrize("role", ["administrators", "managers", "platform"])
def test_the_last_two_do_not_leave_together(fresh_database, role):
    app = fresh_database.app
    with app.app_context():
        territory = a_territory()
        organisation = an_organisation(territory)
        if role == "administrators":
            people = [a_member(organisation, role=Role.ORG_ADMIN).id for _ in range(PROCESSES)]
        elif role == "managers":
            site = a_site(organisation)
            people = [a_manager(site).id for _ in range(PROCESSES)]
        else:
            people = [a_person(is_platform_admin=True).id for _ in range(PROCESSES)]
    with app.app_context():
        db.engine.dispose()
    start, answers = FORK.Barrier(PROCESSES), FORK.Queue()

    def leave(person_id: int) -> None:
        with app.app_context():
            db.engine.dispose(close=False)
            actor, said = queries.load_actor(person_id), "gone"
            start.wait()
            try:
                while said != "still_needed":
                    said = _leave(actor)
                    if said == "gone":
                        break
            except Exception as error:
                said = repr(error)[:300]
        answers.put(said)
        with app.app_context():
            db.engine.dispose()

    workers = [FORK.Process(target=leave, args=(person_id,), daemon=True) for person_id in people]
    for worker in workers:
        worker.start()
    told = Counter(answers.get(timeout=120) for _ in workers)
    assert told == {"gone": PROCESSES - 1, "still_needed": 1}


def _leave(actor: Actor) -> str:
    """Try to leave as things stand now; give what came of it."""
    try:
        standing = queries.standing_of(actor.person_id or 0)
        service.erase_account(actor, Farewell(standing.fingerprint, "Parti"), present="")
    except DomainError as refused:
        return refused.code
    return "gone"


def test_a_resource_is_what_the_writers_need(fresh_database, scene):
    """The worlds above are real: somebody may ask, and be answered."""
    with fresh_database.app.app_context():
        assert scene.ask(random.Random(1), scene.person) == "ask"
        assert scene.decide(random.Random(2)) in ("approve", "cancel")
        assert db.session.get_one(Resource, scene.resource_ids[0]).capacity == 4
