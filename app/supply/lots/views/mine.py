"""The lots somebody has to do with, and the notes that wait for a signature."""

from flask import request, url_for
from werkzeug.wrappers import Response

from app.supply.lots import queries
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.queries import A_PAGE, Sought
from app.supply.lots.views import blueprint
from app.supply.lots.views.cards import incident_line, lot_line, note_lines
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page

_NAMES = ("produit", "place", "tout")


@blueprint.get("/lots")
@allowed(P.SEE_OWN)
def mine() -> Response:
    """List them, the newest first."""
    actor = current_actor()
    raw = {name: request.args[name][:100] for name in _NAMES if request.args.get(name, "").strip()}
    sought = Sought("tout" in raw, raw.get("produit", "").strip(), raw.get("place", ""))
    typed = request.args.get("page", "")
    number = max(1, int(typed)) if typed.isdecimal() and typed.isascii() and len(typed) < 6 else 1
    lots, total = queries.lots_for(actor, sought, number)
    return page(
        "supply/lots/mine.html",
        lots=[lot_line(each) for each in lots],
        total=total,
        number=number,
        pages=-(-total // A_PAGE),
        page_url=lambda n: url_for("lots.mine", **{**raw, "page": n}),
        raw=raw,
        kept=[lot_line(each) for each in queries.lots_kept_for_others(actor)],
        places=queries.places_of_lots(actor),
        waiting=note_lines(queries.open_notes(actor), actor),
        incidents=[incident_line(each) for each in queries.incidents_for(actor)],
        done=note_lines(queries.done_notes(actor), actor),
    )
