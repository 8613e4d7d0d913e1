"""What lots add to the page of a chain: those it carries, their hand-over notes, and the way to the next one."""

from typing import Any

from flask import url_for

from app.bookings.models import Bundle
from app.core.policy import can
from app.supply.cargo_words import REGIMES, kilos
from app.supply.chains.models import Chain
from app.supply.chains.views.parts import Part, adds_to_chains
from app.supply.lots import queries
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.queries import Found
from app.supply.lots.views.cards import lot_line, note_lines
from app.web.identity import current_actor


@adds_to_chains
def lots_of_chain(bundle: Bundle, _chain: Chain) -> Part:
    """Show the lots and notes that somebody may see, and let those who can enter and hand over.

    Who carries, keeps, gives or receives knows that a lot was entered, how much and by whom, and no more of it.
    """
    actor = current_actor()
    lots = queries.lots_of_chain(bundle.id)
    notes = queries.notes_of_chain(bundle.id) if lots else []
    words = {
        "is_empty": not lots,
        "lots": _lines(lots),
        "notes": note_lines([each for each in notes if can(actor, P.SEE_NOTE, each)], actor),
        "enter": url_for("lots.begin", filiere=bundle.ref) if can(actor, P.ENTER) else "",
        "write": url_for("lots.write", filiere=bundle.ref)
        if any(each.free > 0 and can(actor, P.KEEP, each.lot) for each in lots)
        else "",
    }
    return Part("supply/lots/_chain.html", words)


def entered_lines(bundle: Bundle) -> list[dict[str, Any]]:
    """Write what has been entered for a chain, for who is about to enter it, too, with the ways to it."""
    lots, actor = queries.lots_of_chain(bundle.id), current_actor()
    entered = queries.entered_among([each.lot for each in lots])
    return [
        _told(each)
        | {
            "href": url_for("lots.show", lot_ref=each.lot.public_id) if can(actor, P.SEE, each.lot) else "",
            "correct": url_for("lots.correct_lot", lot_ref=each.lot.public_id)
            if can(actor, P.KEEP, each.lot)
            else "",
        }
        for each in lots
        if each.lot.id in entered
    ]


def _lines(lots: list[Found]) -> list[dict[str, Any]]:
    seen = {each.lot.id for each in lots if can(current_actor(), P.SEE, each.lot)}
    unseen = [each.lot for each in lots if each.lot.id not in seen]
    entered = queries.entered_among(unseen) if unseen else set()
    return [
        lot_line(each) if each.lot.id in seen else _told(each)
        for each in lots
        if each.lot.id in seen or each.lot.id in entered
    ]


def _told(found: Found) -> dict[str, Any]:
    """Write that a lot was entered: what, how much as it came, by whom."""
    lot = found.lot
    return lot_line(found) | {"href": "", "standing": kilos(lot.grams), "where": str(REGIMES[lot.regime])}
