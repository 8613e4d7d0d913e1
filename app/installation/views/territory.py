"""Steps 3 and 4: the territory, and what it shares; whoever runs the platform comes back here to change them."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from app.accounts.models import Territory
from app.catalogue.communes import communes_of_epci, find_commune, find_epci_name
from app.catalogue.kinds import KINDS
from app.catalogue.kinds.words import kinds_name
from app.core.errors import DomainError, Forbidden
from app.installation import queries, service
from app.installation.forms import KindsForm, TerritoryForm
from app.installation.policy import InstallationPermission as P
from app.installation.service import TerritoryFacts
from app.installation.views import blueprint
from app.installation.views.common import only_administrators, step_page
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.words import explain

_TERRITORY, _KINDS = "installation/territory.html", "installation/kinds.html"


@blueprint.get("/installation/territoire")
@allowed(P.SET_UP, load=only_administrators)
def territory(_subject: None) -> Response:
    """Ask for the territory, showing the one there is."""
    found = queries.find_territory()
    form = TerritoryForm()
    if found:
        form.process(name=found.name, places="\n".join(_places(found)), hue=found.hue or "garden")
    return step_page(_TERRITORY, 3, form=form)


@blueprint.post("/installation/territoire")
@allowed(P.SET_UP, load=only_administrators)
def territory_now(_subject: None) -> Response:
    """Make the territory, or change it."""
    form = TerritoryForm()
    if not form.validate():
        return step_page(_TERRITORY, 3, 422, form=form)
    facts = TerritoryFacts((form.name.data or "").strip(), form.lines(), form.hue.data or "")
    try:
        service.set_territory(current_actor(), facts)
    except Forbidden:
        raise
    except DomainError as error:
        form.refuse(str(error.facts.get("field", "")), explain(error))
        return step_page(_TERRITORY, 3, status_of(error), form=form)
    return redirect(url_for("installation.kinds"), 303)


def _places(found: Territory) -> list[str]:
    """Write a territory's communes as people chose them: an intercommunality where all of it is there."""
    left = {str(code) for code in found.communes}
    epcis = {commune.epci for code in left if (commune := find_commune(code)) and commune.epci}
    names = []
    for epci in sorted(epcis):
        members = {commune.code for commune in communes_of_epci(epci)}
        if members <= left:
            names.append(find_epci_name(epci) or epci)
            left -= members
    return names + [commune.label for code in sorted(left) if (commune := find_commune(code))]


def _kinds_form() -> KindsForm:
    form = KindsForm()
    form.kinds.choices = [(key, kinds_name(key)) for key in KINDS]
    return form


@blueprint.get("/installation/partage")
@allowed(P.SET_UP, load=only_administrators)
def kinds(_subject: None) -> Response:
    """Ask what is shared, everything being ticked at first."""
    found = queries.find_territory()
    if found is None:
        return redirect(url_for("installation.territory"), 303)
    form = _kinds_form()
    form.kinds.data = (
        list(KINDS) if found.shared_kinds is None else [str(kind) for kind in found.shared_kinds]
    )
    return step_page(_KINDS, 4, form=form)


@blueprint.post("/installation/partage")
@allowed(P.SET_UP, load=only_administrators)
def kinds_now(_subject: None) -> Response:
    """Keep what is shared."""
    form = _kinds_form()
    if not form.validate():
        return step_page(_KINDS, 4, 422, form=form)
    service.choose_kinds(current_actor(), form.kinds.data or [])
    return redirect(url_for("installation.demo"), 303)
