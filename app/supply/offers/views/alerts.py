"""Of which offers an organisation is told by e-mail: within how many kilometres, and of what."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Organisation
from app.accounts.queries import get_organisation
from app.supply.offers import queries, service
from app.supply.offers.forms import AlertsForm
from app.supply.offers.policy import OfferPermission as P
from app.supply.offers.views import blueprint
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page


@blueprint.get("/structures/<slug>/alertes-surplus")
@allowed(P.SET_ALERTS, load=get_organisation)
def alerts(subject: Organisation) -> Response:
    """Show what holds now, to change it."""
    form = AlertsForm(formdata=None)
    form.show(queries.interest_of(subject.id))
    return _page(subject, form)


@blueprint.post("/structures/<slug>/alertes-surplus")
@allowed(P.SET_ALERTS, load=get_organisation)
def say_alerts(subject: Organisation) -> Response:
    """Change it."""
    form, slug = AlertsForm(), subject.slug
    if not form.validate():
        return _page(subject, form, 422)
    interest = form.interest()
    service.say_interest(current_actor(), subject.id, interest)
    said = (
        _("Saved. You will be told of what fits.")
        if interest.is_wanted
        else _("Saved. You will not be told any more.")
    )
    flash(said, "success")
    return redirect(url_for("surplus.alerts", slug=slug), 303)


def _page(subject: Organisation, form: AlertsForm, status: int = 200) -> Response:
    is_placed = subject.id in queries.points_of([subject])
    return page(
        "supply/offers/alerts.html", status=status, organisation=subject, form=form, is_placed=is_placed
    )
