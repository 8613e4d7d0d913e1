"""A recall: all that came of a lot, who has it with their telephone, and one act that alerts them all."""

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext as _n
from werkzeug.wrappers import Response

from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import can
from app.supply.cargo_words import kilos
from app.supply.lots import queries, service
from app.supply.lots.forms import RecallForm
from app.supply.lots.models import HandoverLine, Lot
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.queries import Found
from app.supply.lots.views import blueprint
from app.supply.lots.views.cards import lot_line
from app.supply.lots.views.loading import seen_lot
from app.supply.lots.words import moment_words, receiver_words
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


@blueprint.get("/lots/<lot_ref>/rappel")
@allowed(P.RECALL, load=seen_lot)
def recall(lot: Lot) -> Response:
    """Show where all of it went."""
    return _page(lot, RecallForm(formdata=None))


@blueprint.post("/lots/<lot_ref>/rappel")
@allowed(P.RECALL, load=seen_lot)
def alert(lot: Lot) -> Response:
    """Write to all who have something of it."""
    form, lot_id, ref = RecallForm(), lot.id, lot.public_id
    if not form.validate():
        return _page(lot, form, 422)
    try:
        number = service.recall(current_actor(), lot_id, form.reason.data or "")
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        form.refuse(str(error.facts.get("field", "")), explain(error))
        return _page(seen_lot(ref), form, status_of(error))
    said = _n(
        "%(num)s organisation is told by e-mail. Call it, too: a letter may wait.",
        "%(num)s organisations are told by e-mail. Call them, too: a letter may wait.",
        number,
    )
    flash(said, "success")
    return redirect(url_for("lots.recall", lot_ref=ref), 303)


def _page(lot: Lot, form: RecallForm, status: int = 200) -> Response:
    spread = queries.spread_of(lot)
    return page(
        "supply/lots/recall.html",
        status=status,
        lot=lot,
        form=form,
        rows=[_row(each) for each in spread.lots],
        distributed=[_distribution(each) for each in spread.distributed],
    )


def _row(found: Found) -> dict[str, Any]:
    """Write who has something of it, to be called."""
    whose = found.lot.organisation
    return lot_line(found) | {
        "phone": whose.phone,
        "email": whose.email,
        "is_seen": can(current_actor(), P.SEE, found.lot),
        "came": _("%(kilos)s came", kilos=kilos(found.lot.grams)),
    }


def _distribution(line: HandoverLine) -> dict[str, str]:
    note = line.handover
    return {
        "who": note.giver.name,
        "to": receiver_words(note),
        "what": _("%(kilos)s, %(product)s", kilos=kilos(line.grams), product=line.lot.product),
        "when": moment_words(line.lot.territory, note.at),
    }
