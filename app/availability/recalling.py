"""Calling back what is lent of a quota: who has it, and how the claims of those who give back become fewer.

Nothing is checked here: what is left is part of what a hold had. Whoever calls has locked the guards (`lock_around`).
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from app.availability.claims import INSERT_CLAIM, Row
from app.availability.components import part_ids, whole_ids
from app.availability.errors import PartsChanged
from app.availability.giving import give_to_closures
from app.availability.lending import Loan, lent_to_others
from app.availability.models import Claim, Hold
from app.availability.queries import Wish, claims_around, get_terms
from app.availability.service import lock, touch
from app.infra.db import db

CLAIMS_OF = (
    select(Claim.__table__)
    .where(Claim.hold_id == bindparam("hold"))
    .order_by(Claim.resource_id, Claim.start_at)
)
SET_CLAIM = (
    update(Claim)
    .where(Claim.id == bindparam("claim"))
    .values(end_at=bindparam("end"), qty=bindparam("units"), buffer_after=bindparam("after"))
)
COPY_HOLD = (
    insert(Hold)
    .from_select(
        ["territory_id", "organisation_id", "kind", "expires_at"],
        select(Hold.territory_id, Hold.organisation_id, Hold.kind, Hold.expires_at).where(
            Hold.id == bindparam("hold")
        ),
    )
    .returning(Hold.id)
)
DROP_SOME = delete(Claim).where(Claim.id.in_(bindparam("claims", expanding=True)))


def lock_around(resource_id: int) -> None:
    """Lock the guards of a resource and its parts, and of all that takes any of them: there it may be lent.

    Raise PartsChanged where something was composed anew between reading what to lock and having the locks.
    """
    concerned = _around(resource_id)
    lock(sorted(concerned))
    if _around(resource_id) - concerned:
        raise PartsChanged


def _around(resource_id: int) -> set[int]:
    own = [resource_id, *part_ids([resource_id])]
    return {*own, *whole_ids(own)}


def loans_against(wish: Wish) -> list[Loan]:
    """Tell what others have to give back for a wish within its asker's quotas; nothing where that is no help."""
    terms = get_terms(wish.resource_id, wish.asker)
    return lent_to_others(terms, claims_around(terms, wish.span), *wish.span.epochs, wish.qty)


def shrink(hold_id: int, had: int, left: int) -> None:
    """Let a hold keep `left` of the `had` units it has, all along."""
    claims = _claims_of(hold_id)
    _set([_kept(claim) | {"units": claim.qty // had * left} for claim in claims])
    _tell(claim.resource_id for claim in claims)


def hand_on(hold_id: int, at: int, had: int, left: int) -> int | None:
    """End a hold at an instant, its buffers come after; give the hold of the `left` of `had` units that go on there.

    None where nothing goes on.
    """
    claims = _claims_of(hold_id)
    after = {claim.resource_id: claim.buffer_after for claim in claims}  # that of its last piece
    ends = {resource_id: at + minutes * 60 for resource_id, minutes in after.items()}
    over = [claim for claim in claims if claim.end_at > ends[claim.resource_id]]
    connection = db.session.connection()
    connection.execute(DROP_SOME, {"claims": [c.id for c in over if c.start_at >= ends[c.resource_id]]})
    cut = [claim for claim in over if claim.start_at < ends[claim.resource_id]]
    _set([_kept(c) | {"end": ends[c.resource_id], "after": after[c.resource_id]} for c in cut])
    goes_on = _go_on(hold_id, _later(over, ends, had, left)) if left else None
    _tell(claim.resource_id for claim in claims)
    return goes_on


def _later(claims: Iterable[Any], ends: dict[int, int], had: int, left: int) -> Iterator[Row]:
    """Write what goes on of claims, with fewer units."""
    for claim in claims:
        row = {name: value for name, value in claim._asdict().items() if name != "id"}
        start = max(claim.start_at, ends[claim.resource_id])
        yield row | {"start_at": start, "qty": claim.qty // had * left, "buffer_before": 0}


def _go_on(hold_id: int, rows: Iterable[Row]) -> int:
    """Open a hold like another one, with these claims."""
    connection = db.session.connection()
    hold = int(connection.execute(COPY_HOLD, {"hold": hold_id}).scalar_one())
    connection.execute(INSERT_CLAIM, [row | {"hold_id": hold} for row in rows])
    return hold


def _claims_of(hold_id: int) -> list[Any]:
    return list(db.session.connection().execute(CLAIMS_OF, {"hold": hold_id}))


def _kept(claim: Any) -> dict[str, int]:
    return {"claim": claim.id, "end": claim.end_at, "units": claim.qty, "after": claim.buffer_after}


def _set(changes: list[dict[str, int]]) -> None:
    if changes:
        db.session.connection().execute(SET_CLAIM, changes)


def _tell(resource_ids: Iterable[int]) -> None:
    """Let closures take what is free, tell the rest as freed, and calendars that something has changed."""
    concerned = sorted(set(resource_ids))
    give_to_closures(concerned)
    touch(concerned)
