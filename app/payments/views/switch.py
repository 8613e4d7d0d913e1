"""The switch on the coordination's page: does the territory reckon with money at all?"""

from flask import flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Territory
from app.accounts.queries import get_territory
from app.payments import service
from app.payments.policy import MoneyPermission
from app.payments.views import blueprint
from app.web.guards import allowed
from app.web.identity import current_actor


def _asked() -> Territory:
    return get_territory(request.form.get("territoire", "")[:80])


@blueprint.post("/pat/argent")
@allowed(MoneyPermission.SWITCH, load=_asked)
def switch(territory: Territory) -> Response:
    """Switch money on or off for a territory."""
    slug, is_on = territory.slug, request.form.get("argent") == "oui"
    service.switch_money(current_actor(), territory.id, is_on=is_on)
    if is_on:
        flash(_("What is shared here can have a price from now on."), "success")
    else:
        flash(_("Nothing of money is shown any more. What was written down is kept."), "success")
    return redirect(f"/pat?territoire={slug}#money", 303)
