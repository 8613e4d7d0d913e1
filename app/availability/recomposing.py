"""Brings what is promised in line with what resources are made of, when that changes: all of it, or nothing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from sqlalchemy import delete, insert, select

from app.availability.claims import Row, rows_of
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

    Raise PartsTaken when one of them would not fit. What is over stays as it was; closures let go and take again.
    """
    lock(_neighbours(resource_id))
    wholes = terms_of([resource_id, *whole_ids([resource_id])])
    parts = {part.resource_id: part for terms in wholes.values() for part in terms.parts}
    freed = _free_parts(wholes)
    rows = [row for terms in wholes.values() for row in _rows_ahead(terms)]
    concerned = sorted({*freed, *parts})
    _drop_closed(concerned)
    _refuse_overfull(rows, parts)
    if rows:
        db.session.connection().execute(insert(Claim), rows)
    give_to_closures(concerned)
    touch([*wholes, *concerned])


def _neighbours(resource_id: int) -> Sequence[int]:
    """List the resources of the same site: parts that were, and that will be, are among them."""
    site = select(Resource.site_id).where(Resource.id == resource_id).scalar_subquery()
    return db.session.scalars(select(Resource.id).where(Resource.site_id == site)).all()


def _free_parts(wholes: Collection[int]) -> list[int]:
    """Free what is taken ahead with some resources as their parts; give of what."""
    ahead = Claim.via_id.in_(wholes), Claim.end_at > clock.epoch()
    freed = list(db.session.scalars(select(Claim.resource_id).where(*ahead).distinct()))
    db.session.execute(delete(Claim).where(*ahead))
    return freed


def _drop_closed(resource_ids: Collection[int]) -> None:
    closures = select(Hold.id).where(Hold.kind == HoldKind.CLOSURE)
    over = Claim.resource_id.in_(resource_ids), Claim.hold_id.in_(closures), Claim.end_at > clock.epoch()
    db.session.execute(delete(Claim).where(*over))


def _rows_ahead(terms: Terms) -> Iterator[Row]:
    """Write the claims on the parts of one resource, for all that is booked of it from now on."""
    now = clock.epoch()
    for hold_id, start, end, qty in _booked_ahead(terms.resource_id):
        for part in terms.parts:
            for row in rows_of(hold_id, terms, part, (start, end), qty):
                if row["end_at"] > now:
                    yield row | {"start_at": max(row["start_at"], now)}


def _booked_ahead(resource_id: int) -> Iterator[tuple[int, int, int, int]]:
    """Give the hold, the time people see and the quantity of each booking of a resource that is not over."""
    c = Claim
    ahead = (
        select(c.hold_id, c.start_at + c.buffer_before * 60, c.end_at - c.buffer_after * 60, c.qty)
        .join(Hold, Hold.id == c.hold_id)
        .where(c.resource_id == resource_id, c.via_id.is_(None), c.end_at > clock.epoch())
        .where(Hold.kind == HoldKind.BOOKING)
        .order_by(c.hold_id, c.start_at)
    )
    last: tuple[int, int, int, int] | None = None
    for hold_id, start, end, qty in db.session.execute(ahead):
        if last and (last[0], last[2]) == (hold_id, start):  # one stay, cut into weeks
            last = (hold_id, last[1], end, qty)
            continue
        if last:
            yield last
        last = (hold_id, start, end, qty)
    if last:
        yield last


def _refuse_overfull(rows: Iterable[Row], parts: dict[int, Part]) -> None:
    """Raise PartsTaken for the first part that what is promised and what is to come take too much of."""
    coming: dict[int, list[Taken]] = defaultdict(list)
    for row in rows:
        coming[row["resource_id"]].append(
            Taken(row["start_at"], row["end_at"], row["qty"], row["hold_id"], "")
        )
    for part_id, own in sorted(coming.items()):
        since, until = min(each.start for each in own), max(each.end for each in own)
        promised = [Taken(*claim) for _id, *claim, _expires_at in claim_rows([part_id], since, until)]
        worst = max(loads([*promised, *own], since, until), key=lambda load: load.qty)
        part = parts[part_id]
        if worst.qty > part.capacity:
            facts = {"part": part.name, "peak": worst.qty, "total": part.capacity}
            raise PartsTaken(at=instant(worst.start), resource_id=part_id, **facts)
