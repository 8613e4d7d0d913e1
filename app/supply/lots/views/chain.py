"""What lots add to the page of a chain: those it carries, their hand-over notes, and the way to the next one."""

from flask import url_for

from app.bookings.models import Bundle
from app.core.policy import can
from app.supply.chains.models import Chain
from app.supply.chains.views.parts import Part, adds_to_chains
from app.supply.lots import queries
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.views.cards import lot_line, note_line
from app.web.identity import current_actor


@adds_to_chains
def lots_of_chain(bundle: Bundle, _chain: Chain) -> Part:
    """Show the lots and notes that somebody may see, and let those who can enter and hand over."""
    actor = current_actor()
    lots = queries.lots_of_chain(bundle.id)
    notes = queries.notes_of_chain(bundle.id) if lots else []
    words = {
        "lots": [lot_line(each) for each in lots if can(actor, P.SEE, each.lot)],
        "notes": [note_line(each, actor) for each in notes if can(actor, P.SEE_NOTE, each)],
        "enter": url_for("lots.begin", filiere=bundle.ref) if can(actor, P.ENTER) else "",
        "write": url_for("lots.write", filiere=bundle.ref)
        if any(each.free > 0 and can(actor, P.KEEP, each.lot) for each in lots)
        else "",
    }
    return Part("supply/lots/_chain.html", words)
