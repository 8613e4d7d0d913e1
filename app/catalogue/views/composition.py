"""What a resource is made of, and in which units it may be asked for, on its editing page."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.catalogue import queries, service
from app.catalogue.composing import PREFIX, parts_form
from app.catalogue.forms import ResourceForm, edit_resource_form
from app.catalogue.kinds import get_kind
from app.catalogue.models import Resource
from app.catalogue.packing import packs_form
from app.catalogue.policy import CataloguePermission as P
from app.catalogue.views import blueprint
from app.catalogue.views.common import refuse, revision_of
from app.catalogue.views.resources import show_form
from app.core.errors import DomainError
from app.web.guards import allowed
from app.web.identity import current_actor


@blueprint.post("/ressources/<slug>/composition")
@allowed(P.MANAGE_SITE, load=queries.get_resource)
def save_composition(subject: Resource) -> Response:
    """Say what a resource is made of."""
    slug, form = subject.slug, parts_form(subject)
    show = show_form(_fresh(subject), subject.site, subject, parts=form)
    if not form.validate():
        return show(422)
    try:
        is_new = service.compose(current_actor(), subject, form.parts(), revision=revision_of(form))
    except DomainError as error:
        if "field" in error.facts:
            error.facts["field"] = PREFIX + str(error.facts["field"])
        return refuse(form, error, show)
    if is_new:
        flash(
            _("Saved. Whoever books it now takes these parts with it, as do the bookings to come."), "success"
        )
    else:
        flash(_("Nothing was changed."), "info")
    return redirect(url_for("catalogue.edit_resource", slug=slug, _anchor="composition"), 303)


@blueprint.post("/ressources/<slug>/unites")
@allowed(P.MANAGE_SITE, load=queries.get_resource)
def save_packs(subject: Resource) -> Response:
    """Say in which smaller units a resource may be asked for."""
    slug, form = subject.slug, packs_form(subject)
    show = show_form(_fresh(subject), subject.site, subject, packs=form)
    if not form.validate():
        return show(422)
    try:
        is_new = service.accept_packs(current_actor(), subject, form.packs(), revision=revision_of(form))
    except DomainError as error:
        return refuse(form, error, show)
    if is_new:
        flash(_("Saved. People can now ask in these units."), "success")
    else:
        flash(_("Nothing was changed."), "info")
    return redirect(url_for("catalogue.edit_resource", slug=slug, _anchor="units"), 303)


def _fresh(resource: Resource) -> ResourceForm:
    return edit_resource_form(resource, get_kind(resource.kind), fresh=True)
