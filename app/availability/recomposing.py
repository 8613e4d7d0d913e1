"""Brings what is promised in line with what resources are made of, when that changes: all of it, or nothing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import delete, select

from app.availability.beside import Beside, besides_of, beyond
from app.availability.booked import Booked, booked_of
from app.availability.claims import Row, insert_claims, rows_left
from app.availability.components import whole_ids
from app.availability.errors import PartsTaken
from app.availability.giving import give_to_closures
from app.availability.models import Claim, Hold, HoldKind
from app.availability.queries import claim_rows, instant, terms_of
from app.availability.rules import Part, Taken, Terms, loads
from app.availability.service import lock, touch
from app.catalogue.models import Resource
from app.core import clock
from app.infra.db import db


def recompose(resource_id: int) -> None:
    """Let the bookings ahead of a resource, and of all that take it, take the parts that are theirs now.

    Raise PartsTaken when one of them would not fit. What is over stays as it was; closures let go and take again. What
    is kept beside a booking (a proposal) takes of the parts what it needs beyond that booking, as it did at first.
    """
    site = _neighbours(resource_id)
    lock(site)
    wholes = terms_of([resource_id, *whole_ids([resource_id])])
    booked = {each: list(_booked_ahead(each)) for each in wholes}
    besides = _besides(booked, site)
    terms = {**wholes, **terms_of({each.wish.resource_id for each in besides} - wholes.keys())}
    parts = {part.resource_id: part for each in terms.values() for part in each.parts}
    freed = _free_parts(wholes, [each.hold_id for each in besides])
    aside = {each.hold_id for each in besides}
    rows = [row for each in wholes for row in _rows_ahead(terms[each], booked[each], aside)]
    rows += [row for each in besides for row in _rows_beside(each, terms[each.wish.resource_id], rows)]
    concerned = sorted({*freed, *parts})
    _drop_closed(concerned)
    _refuse_overfull(rows, parts)
    insert_claims(rows)
    give_to_closures(concerned)
    touch([*terms, *concerned])


def _neighbours(resource_id: int) -> Sequence[int]:
    """List the resources of the same site: parts that were, and that will be, are among them."""
    site = select(Resource.site_id).where(Resource.id == resource_id).scalar_subquery()
    return db.session.scalars(select(Resource.id).where(Resource.site_id == site)).all()


def _besides(booked: Mapping[int, Sequence[Booked]], site: Collection[int]) -> list[Beside]:
    """List what is kept beside the bookings of these resources, at the same site: elsewhere no part is shared."""
    holds = {each.hold_id for several in booked.values() for each in several}
    return [each for each in besides_of(holds) if each.wish.resource_id in site]


def _free_parts(wholes: Collection[int], besides: Collection[int]) -> list[int]:
    """Free what is taken ahead with some resources as their parts, or by some holds; give of what."""
    as_part = Claim.via_id.in_(wholes) | (Claim.via_id.is_not(None) & Claim.hold_id.in_(besides))
    ahead = as_part, Claim.end_at > clock.epoch()
    freed = list(db.session.scalars(select(Claim.resource_id).where(*ahead).distinct()))
    db.session.execute(delete(Claim).where(*ahead))
    return freed


def _drop_closed(resource_ids: Collection[int]) -> None:
    closures = select(Hold.id).where(Hold.kind == HoldKind.CLOSURE)
    over = Claim.resource_id.in_(resource_ids), Claim.hold_id.in_(closures), Claim.end_at > clock.epoch()
    db.session.execute(delete(Claim).where(*over))


def _rows_ahead(terms: Terms, booked: Iterable[Booked], aside: Collection[int]) -> Iterator[Row]:
    """Write the claims on the parts of one resource, for all that is booked of it from now on but the holds aside."""
    for each in booked:
        if each.hold_id not in aside:
            yield from _rows_of(each, terms)


def _rows_of(booked: Booked, terms: Terms) -> Iterator[Row]:
    now = clock.epoch()
    for part in terms.parts:
        for row in rows_left(booked, terms, part):
            if row["end_at"] > now:
                yield row | {"start_at": max(row["start_at"], now)}


def _rows_beside(beside: Beside, terms: Terms, rows: Iterable[Row]) -> list[Row]:
    """Write what a wish takes of the parts beyond what its holder has of them: claims that stay, and new `rows`."""
    own: dict[int, list[Taken]] = defaultdict(list)
    for row in rows:
        if row["hold_id"] == beside.own_hold_id:
            own[row["resource_id"]].append(_taken(row))
    for claim in db.session.scalars(select(Claim).where(Claim.hold_id == beside.own_hold_id)):
        own[claim.resource_id].append(Taken(claim.start_at, claim.end_at, claim.qty, claim.hold_id, ""))
    return beyond(_rows_of(Booked(beside.hold_id, *beside.wish.span.epochs, beside.wish.qty), terms), own)


def _taken(row: Row) -> Taken:
    return Taken(row["start_at"], row["end_at"], row["qty"], row["hold_id"], "")


def _booked_ahead(resource_id: int) -> Iterator[Booked]:
    """Give each booking of a resource that is not over; a stay that was cut into weeks is one.

    What it has given back, and so when it begins and ends now, is told by the booking: claims would only show it with
    the time to clean. What is kept for somebody's answer gives nothing back, and is read from its claims.
    """
    c = Claim
    ahead = (
        select(c.hold_id, c.start_at, c.end_at, c.qty, c.buffer_before * 60, c.buffer_after * 60)
        .join(Hold, Hold.id == c.hold_id)
        .where(c.resource_id == resource_id, c.via_id.is_(None), c.end_at > clock.epoch())
        .where(Hold.kind == HoldKind.BOOKING)
        .order_by(c.hold_id, c.start_at)
    )
    rows = [_Row(*row) for row in db.session.execute(ahead)]
    told = booked_of({row.hold_id for row in rows})
    for hold_id, several in groupby(rows, key=lambda row: row.hold_id):
        yield told.get(hold_id) or _as_one(list(several))


class _Row(NamedTuple):
    """A claim with its buffers, in seconds."""

    hold_id: int
    start: int
    end: int
    qty: int
    before: int
    after: int


def _as_one(rows: Sequence[_Row]) -> Booked:
    """Join the claims of one stay."""
    first, last = rows[0], rows[-1]
    return Booked(first.hold_id, first.start + first.before, last.end - last.after, first.qty)


def _refuse_overfull(rows: Iterable[Row], parts: dict[int, Part]) -> None:
    """Raise PartsTaken for the first part that what is promised and what is to come take too much of."""
    coming: dict[int, list[Taken]] = defaultdict(list)
    for row in rows:
        coming[row["resource_id"]].append(_taken(row))
    for part_id, own in sorted(coming.items()):
        since, until = min(each.start for each in own), max(each.end for each in own)
        promised = [Taken(*claim) for _id, *claim, _expires_at in claim_rows([part_id], since, until)]
        worst = max(loads([*promised, *own], since, until), key=lambda load: load.qty)
        part = parts[part_id]
        if worst.qty > part.capacity:
            facts = {"part": part.name, "peak": worst.qty, "total": part.capacity}
            raise PartsTaken(at=instant(worst.start), resource_id=part_id, **facts)
