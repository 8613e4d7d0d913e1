"""Lots and hand-over notes through the API, to read."""

from flask import Response

from app.api import writing
from app.api.cursors import read_cursor, write_cursor
from app.api.lot_answers import HandoverAnswer, HandoverPage, LotPage, LotWithSteps
from app.api.lot_requests import HandoverQuery, LotQuery
from app.api.lot_writing import write_handover, write_lot, write_steps
from app.api.openapi import PERSONAL, api, says
from app.api.views import blueprint
from app.core.errors import Forbidden, NotFound
from app.core.policy import can
from app.supply.lots import queries
from app.supply.lots.models import Handover, Lot
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.queries import Sought
from app.web.guards import allowed
from app.web.identity import current_actor


def seen_lot(lot_ref: str) -> Lot:
    """Find a lot for the caller; whoever may not see it is told the same as if there were none."""
    if not current_actor().is_signed_in:
        raise Forbidden(signed_in=False)
    lot = queries.get_lot(lot_ref.upper())
    if not can(current_actor(), P.SEE, lot):
        raise NotFound(kind="lot")
    return lot


def seen_note(note_ref: str) -> Handover:
    """Find a hand-over note for the caller; whoever may not see it is told the same as if there were none."""
    if not current_actor().is_signed_in:
        raise Forbidden(signed_in=False)
    note = queries.get_note(note_ref.upper())
    if not can(current_actor(), P.SEE_NOTE, note):
        raise NotFound(kind="handover")
    return note


@blueprint.get("/lots")
@allowed(P.SEE_OWN)
@api.validate(resp=says(LotPage), tags=["lots"], security=PERSONAL, operation_id="findLots")
def find_lots(query: LotQuery) -> Response:
    """List the lots of your organisations and of the territories you coordinate, the last first."""
    sought = Sought(query.all, query.product or "")
    found = queries.lots_before(current_actor(), sought, _before(query.cursor), query.limit + 1)
    shown = found[: query.limit]
    cursor = write_cursor((0, shown[-1].lot.id)) if len(found) > query.limit else None
    return writing.answer({"items": [write_lot(each) for each in shown], "next_cursor": cursor})


@blueprint.get("/lots/<lot_ref>")
@allowed(P.SEE, load=seen_lot)
@api.validate(
    resp=says(LotWithSteps, 404), tags=["lots"], security=PERSONAL, operation_id="getLot",
    path_parameter_descriptions={"lot_ref": "Reference of the lot."},
)  # fmt: skip
def get_lot(lot: Lot) -> Response:
    """Read one lot: what it came of, and who got how much of it."""
    return writing.answer(write_steps(queries.found([lot])[0]))


@blueprint.get("/handovers")
@allowed(P.SEE_OWN)
@api.validate(resp=says(HandoverPage), tags=["lots"], security=PERSONAL, operation_id="findHandovers")
def find_handovers(query: HandoverQuery) -> Response:
    """List the hand-over notes of your organisations and of the territories you coordinate, the last first."""
    found = queries.notes_before(current_actor(), _before(query.cursor), query.limit + 1)
    shown = found[: query.limit]
    cursor = write_cursor((0, shown[-1].id)) if len(found) > query.limit else None
    return writing.answer({"items": [write_handover(each) for each in shown], "next_cursor": cursor})


@blueprint.get("/handovers/<note_ref>")
@allowed(P.SEE_NOTE, load=seen_note)
@api.validate(
    resp=says(HandoverAnswer, 404), tags=["lots"], security=PERSONAL, operation_id="getHandover",
    path_parameter_descriptions={"note_ref": "Reference of the hand-over note."},
)  # fmt: skip
def get_handover(note: Handover) -> Response:
    """Read one hand-over note: sides, lots, temperature, and when both signed what."""
    return writing.answer(write_handover(note))


def _before(cursor: str | None) -> int | None:
    return read_cursor(cursor, lambda _first, last: last)
