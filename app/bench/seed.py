"""Fills a database with a territory of any size: bookings that never overlap beyond capacity, written in bulk."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, func, insert, select

from app.accounts.models import (
    LegalNature,
    Membership,
    MembershipState,
    Organisation,
    Person,
    RoleGrant,
    Territory,
)
from app.availability.models import Claim, Hold
from app.availability.rules import pieces
from app.bookings.models import Booking
from app.bookings.rules import APPROVED, PENDING, PLANNED
from app.catalogue.events import ResourceCreated, SiteCreated
from app.catalogue.models import Resource, Site
from app.core import clock, ids
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic

BATCH = 5000
PAST_DAYS, FUTURE_DAYS = 60, 400
PER_SITE = 10
ORGANISATIONS = 50
FEED_EVENTS = 1000
_KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("kitchen", {"buffer_after": 45, "facts": {"throughput": 80}}),
    ("kitchen", {"mode": "stations", "capacity": 4, "unit": "station", "facts": {"throughput": 200}}),
    ("vehicle", {"buffer_after": 30, "facts": {"payload": 900, "volume": 9.5}}),
    ("room", {}),
    ("equipment", {"mode": "quantity", "capacity": 6, "unit": "piece"}),
)
_HOURS = ("Mo-Sa 07:00-22:00; PH off", "Mo-Fr 08:00-18:00; PH off", "24/7", "SH Mo-Fr 07:00-18:00; PH off")


class Ground(NamedTuple):
    """What bookings are written onto."""

    territory_id: int
    organisations: list[int]
    person_id: int
    resources: list[Resource]


def seed(resources: int, bookings: int, tell: Callable[[str], None] = print) -> None:
    """Write `resources` resources on as many sites as that takes, and `bookings` bookings spread over them."""
    dice = random.Random(20260901)
    ground = _ground(resources, dice)
    tell(f"{resources} resources")
    slots = _slots(ground.resources, -(-bookings // resources), dice)
    written = 0
    while batch := list(islice(slots, min(BATCH, bookings - written))):
        _write(ground, batch, dice)
        written += len(batch)
        tell(f"{written} bookings")


def _ground(resources: int, dice: random.Random) -> Ground:
    now = clock.now()
    with atomic() as session:
        territory = Territory(
            public_id=ids.new_public_id(), slug=f"bench-{ids.new_ref().lower()}", name="Bench"
        )
        territory.school_zone = "B"
        person = Person(
            public_id=ids.new_public_id(),
            email=f"bench-{ids.new_ref().lower()}@example.org",
            name="Bench",
            created_at=now,
            verified_at=now,
        )
        session.add_all([territory, person])
        session.flush()
        organisations = [_organisation(territory, n) for n in range(ORGANISATIONS)]
        session.add_all(organisations)
        session.flush()
        session.add(
            Membership(
                person_id=person.id,
                organisation_id=organisations[0].id,
                role="member",
                state=MembershipState.ACTIVE,
                created_at=now,
            )
        )
    made = [
        r
        for n in range(-(-resources // PER_SITE))
        for r in _site(territory, organisations[n % ORGANISATIONS], person, n, dice)
    ]
    return Ground(territory.id, [o.id for o in organisations], person.id, made[:resources])


def _organisation(territory: Territory, n: int) -> Organisation:
    return Organisation(
        public_id=ids.new_public_id(),
        territory_id=territory.id,
        slug=f"{territory.slug}-{n}",
        name=f"Structure {n}",
        legal_nature=LegalNature.NONPROFIT,
        kind="association",
        commune_code="44110",
        created_at=clock.now(),
    )


def _site(
    territory: Territory, owner: Organisation, person: Person, n: int, dice: random.Random
) -> list[Resource]:
    now = clock.now()
    with atomic() as session:
        site = Site(
            public_id=ids.new_public_id(),
            territory_id=territory.id,
            owner_id=owner.id,
            slug=f"{territory.slug}-lieu-{n}",
            name=f"Lieu {n}",
            commune_code="44110",
            postcode="44390",
            address="1 rue du Banc",
            school_zone="B",
            lat=47.4 + dice.random() / 2,
            lon=-1.6 + dice.random() / 2,
            created_at=now,
            changed_at=now,
        )
        session.add(site)
        session.flush()
        session.add(RoleGrant(person_id=person.id, role="site_manager", site_id=site.id, created_at=now))
        emit(SiteCreated(site.id, _HOURS[n % len(_HOURS)]))
        made = [_resource(site, n * PER_SITE + k) for k in range(PER_SITE)]
        session.add_all(made)
        session.flush()
        for resource in made:
            emit(ResourceCreated(resource.id))
    return made


def _resource(site: Site, number: int) -> Resource:
    kind, facts = _KINDS[number % len(_KINDS)]
    return Resource(
        public_id=ids.new_public_id(),
        territory_id=site.territory_id,
        site_id=site.id,
        kind=kind,
        slug=f"{site.slug}-{number}",
        name=f"Ressource {number}",
        search_text=f"ressource {number} lieu nort-sur-erdre",
        horizon_days=FUTURE_DAYS,
        created_at=clock.now(),
        changed_at=clock.now(),
        **facts,
    )


class Slot(NamedTuple):
    """One booking to write."""

    resource: Resource
    start: datetime
    end: datetime


def _slots(resources: list[Resource], each: int, dice: random.Random) -> Iterator[Slot]:
    """Spread `each` bookings evenly over the period of every resource, with gaps that no buffer fills."""
    first = clock.now().replace(hour=5, minute=0, second=0, microsecond=0) - timedelta(days=PAST_DAYS)
    stride = timedelta(days=PAST_DAYS + FUTURE_DAYS) / max(each, 1)
    for resource in resources:
        for n in range(each):
            at = first + stride * n
            start = at.replace(minute=0, second=0, microsecond=0)
            yield Slot(
                resource,
                start,
                start + min(timedelta(hours=dice.choice((1, 2, 3))), stride - timedelta(hours=1)),
            )


def _write(ground: Ground, slots: list[Slot], dice: random.Random) -> None:
    with atomic() as session:
        connection = session.connection()
        hold, booking = _next_id(connection, Hold.id), _next_id(connection, Booking.id)
        holds, claims, rows = [], [], []
        for n, slot in enumerate(slots):
            decision = PENDING if slot.start > clock.now() and dice.random() < 0.03 else APPROVED
            holds.append(
                {"id": hold + n, "territory_id": ground.territory_id, "kind": "booking", "expires_at": None}
            )
            rows.append(_booking_row(ground, slot, booking + n, hold + n, decision, dice))
            claims += _claim_rows(ground, slot, hold + n)
        for table, found in ((Hold, holds), (Booking, rows), (Claim, claims)):
            connection.execute(insert(table), found)
        _catch_up(connection, Hold.__table__, Booking.__table__)


def _booking_row(
    ground: Ground, slot: Slot, key: int, hold: int, decision: str, dice: random.Random
) -> dict[str, object]:
    now = clock.now()
    return {
        "id": key,
        "ref": ids.new_public_id(10),
        "uid": f"{ids.new_public_id(16).lower()}@bench",
        "hold_id": hold,
        "territory_id": ground.territory_id,
        "resource_id": slot.resource.id,
        "requester_id": ground.person_id,
        "organisation_id": _organisation_of(ground, key, dice),
        "start_at": slot.start,
        "end_at": slot.end,
        "quantity": 1,
        "purpose": "Atelier",
        "decision": decision,
        "use": PLANNED,
        "reason": "",
        "revision": 1,
        "created_at": now,
        "changed_at": now,
        "expires_at": slot.start if decision == PENDING else None,
    }


def _organisation_of(ground: Ground, key: int, dice: random.Random) -> int:
    """Give the first organisation exactly FEED_EVENTS bookings: its calendar is what the feed rows measure."""
    return ground.organisations[0] if key <= FEED_EVENTS else dice.choice(ground.organisations[1:])


def _claim_rows(ground: Ground, slot: Slot, hold: int) -> list[dict[str, object]]:
    resource = slot.resource
    start = int(slot.start.timestamp()) - resource.buffer_before * 60
    end = int(slot.end.timestamp()) + resource.buffer_after * 60
    rows: list[dict[str, object]] = [
        {
            "hold_id": hold,
            "territory_id": ground.territory_id,
            "resource_id": resource.id,
            "start_at": a,
            "end_at": b,
            "qty": 1,
            "buffer_before": 0,
            "buffer_after": 0,
            "alone": resource.capacity == 1,
        }
        for a, b in pieces(start, end)
    ]
    rows[0]["buffer_before"], rows[-1]["buffer_after"] = resource.buffer_before, resource.buffer_after
    return rows


def _next_id(connection: Connection, column: Any) -> int:
    return int(connection.execute(select(func.coalesce(func.max(column), 0))).scalar_one()) + 1


def _catch_up(connection: Connection, *tables: Any) -> None:
    """Let PostgreSQL's sequences follow the ids written by hand."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        assert isinstance(table, Table)  # noqa: S101  # for the type checker: a mapped class has a plain table
        last = select(func.setval(func.pg_get_serial_sequence(table.name, "id"), func.max(table.c.id)))
        connection.execute(last)


def has_data() -> bool:
    """Tell whether the database holds anything already."""
    return db.session.scalar(select(func.count()).select_from(Territory)) != 0
