"""Writing holds and claims as rows; whoever calls has locked the guards (app.availability.service)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert

from app.availability.booked import Booked
from app.availability.models import Claim, Hold, HoldKind
from app.availability.rules import Part, Terms, pieces
from app.infra.prepared import Prepared, columns_of
from app.infra.uow import connection

Row = dict[str, Any]  # a claim as it is inserted

INSERT_HOLD = Prepared(insert(Hold).returning(Hold.id), columns_of(Hold))
INSERT_CLAIM = Prepared(insert(Claim).inline(), columns_of(Claim))


def new_hold(
    territory_id: int, kind: HoldKind, expires_at: int | None, organisation_id: int | None = None
) -> int:
    """Open a hold, still without claims, for an organisation (whose quota it counts in) or nobody; give its id."""
    row = hold_row(territory_id, kind, expires_at, organisation_id)
    [[hold_id]] = INSERT_HOLD.rows(connection(), row)
    return int(hold_id)


def hold_row(territory_id: int, kind: HoldKind, expires_at: int | None, organisation_id: int | None) -> Row:
    """Write one hold."""
    return {
        "territory_id": territory_id,
        "kind": kind.value,
        "expires_at": expires_at,
        "organisation_id": organisation_id or None,
    }


def insert_claims(rows: Sequence[Row]) -> None:
    """Write claims; none is nothing to do."""
    INSERT_CLAIM.run_each(connection(), rows)


def rows_of(hold_id: int, terms: Terms, need: Part, span: tuple[int, int], qty: int) -> list[Row]:
    """Write the claims on one of the needs of `qty` units; of a long stay only the ends carry a buffer."""
    start, end = span[0] - need.before * 60, span[1] + need.after * 60
    rows = [row_of(hold_id, terms, need, piece, qty * need.qty) for piece in pieces(start, end)]
    rows[0]["buffer_before"], rows[-1]["buffer_after"] = need.before, need.after
    return rows


def row_of(hold_id: int, terms: Terms, need: Part, piece: tuple[int, int], qty: int) -> Row:
    """Write one claim, of a week at most, without buffers."""
    return {
        "hold_id": hold_id,
        "territory_id": terms.territory_id,
        "resource_id": need.resource_id,
        "start_at": piece[0],
        "end_at": piece[1],
        "qty": qty,
        "buffer_before": 0,
        "buffer_after": 0,
        "alone": need.capacity == 1,
        "via_id": None if need.resource_id == terms.resource_id else terms.resource_id,
    }


def lessened(row: Row, start: int, end: int, qty: int) -> list[Row]:
    """Write what is left of a claim that gives `qty` back within [start, end), in the order of time."""
    start, end = max(start, row["start_at"]), min(end, row["end_at"])
    if start >= end:
        return [row]
    edges = [
        (row["start_at"], start, row["qty"]),
        (start, end, row["qty"] - qty),
        (end, row["end_at"], row["qty"]),
    ]
    pieces = [row | {"start_at": a, "end_at": b, "qty": left} for a, b, left in edges if a < b and left > 0]
    for piece in pieces:
        if piece["start_at"] != row["start_at"]:
            piece["buffer_before"] = 0
        if piece["end_at"] != row["end_at"]:
            piece["buffer_after"] = 0
    return pieces


def rows_left(booked: Booked, terms: Terms, need: Part) -> list[Row]:
    """Write the claims on one of the needs of a booking, less what it has given back."""
    rows = rows_of(booked.hold_id, terms, need, (booked.start, booked.end), booked.qty)
    for back in booked.given_of(need):
        rows = [piece for row in rows for piece in lessened(row, *back)]
    return rows
