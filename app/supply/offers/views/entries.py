"""The ways to surplus from pages of the rooms below, which ask for them by name in their templates."""

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.accounts.models import Organisation
from app.core.policy import can
from app.supply.offers import queries
from app.supply.offers.policy import OfferPermission as P
from app.supply.offers.views import blueprint
from app.web.identity import current_actor


def surplus_line() -> dict[str, str] | None:
    """Lead members to the board, with how much is on it; None for whoever takes part in no territory."""
    actor = current_actor()
    if not (actor.memberships or actor.coordinated):
        return None
    number = queries.count_open(actor)
    words = _n("%(num)s offer at the moment", "%(num)s offers at the moment", number)
    waiting = queries.count_to_collect(actor.memberships) if actor.memberships else 0
    to_collect = _n("%(num)s part to collect", "%(num)s parts to collect", waiting) if waiting else ""
    said = words if number else _("Nothing at the moment: offer yours, or be told of the next")
    return {
        "href": url_for("surplus.board"),
        "label": _("Surplus around you"),
        "detail": to_collect or said,
        "icon": "repeat",
    }


def alerts_url(organisation: Organisation) -> str | None:
    """Give the address of the page where its members say of what it is told."""
    if not can(current_actor(), P.SET_ALERTS, organisation):
        return None
    return url_for("surplus.alerts", slug=organisation.slug)


blueprint.app_context_processor(lambda: {"surplus_line": surplus_line, "alerts_url": alerts_url})
