"""What a resource is made of, and in which units it may be asked for: a page each, beside the form of the resource."""

from collections.abc import Callable

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.catalogue import queries, service
from app.catalogue.composing import PREFIX, parts_form
from app.catalogue.kinds.words import amount
from app.catalogue.models import Resource
from app.catalogue.packing import packs_form
from app.catalogue.policy import CataloguePermission as P
from app.catalogue.views import blueprint
from app.catalogue.views.common import Show, refuse, revision_of, shown
from app.core.errors import DomainError
from app.web.forms import Form
from app.web.guards import allowed
from app.web.identity import current_actor


@blueprint.get("/ressources/<slug>/composition")
@allowed(P.MANAGE_SITE, load=queries.get_resource)
def composition(subject: Resource) -> Response:
    """Ask what a resource is made of."""
    return _composition(parts_form(subject, fresh=True), subject)(200)


@blueprint.post("/ressources/<slug>/composition")
@allowed(P.MANAGE_SITE, load=queries.get_resource)
def save_composition(subject: Resource) -> Response:
    """Say what a resource is made of."""
    form, actor = parts_form(subject), current_actor()
    return _save(
        form,
        subject,
        _composition(form, subject),
        lambda: service.compose(actor, subject, form.parts(), revision=revision_of(form)),
        _("Saved. Whoever books it now takes these parts with it, as do the bookings to come."),
    )


@blueprint.get("/ressources/<slug>/unites")
@allowed(P.MANAGE_SITE, load=queries.get_resource)
def units(subject: Resource) -> Response:
    """Ask in which smaller units a resource may be asked for."""
    return _units(packs_form(subject, fresh=True), subject)(200)


@blueprint.post("/ressources/<slug>/unites")
@allowed(P.MANAGE_SITE, load=queries.get_resource)
def save_units(subject: Resource) -> Response:
    """Say in which smaller units a resource may be asked for."""
    form, actor = packs_form(subject), current_actor()
    return _save(
        form,
        subject,
        _units(form, subject),
        lambda: service.accept_packs(actor, subject, form.packs(), revision=revision_of(form)),
        _("Saved. People can now ask in these units."),
    )


def _composition(form: Form, resource: Resource) -> Show:
    wholes = queries.wholes_of([resource.id])
    return shown(
        "catalogue/composition.html", form=form, resource=resource, site=resource.site, wholes=wholes
    )


def _units(form: Form, resource: Resource) -> Show:
    one = amount(resource.unit, 1)
    return shown("catalogue/units.html", form=form, resource=resource, site=resource.site, unit_one=one)


def _save(form: Form, resource: Resource, show: Show, act: Callable[[], bool], saved: str) -> Response:
    """Do what the form says and go back to the site, where it reads; or show the form again with what is wrong."""
    site_slug = resource.site.slug
    if not form.validate():
        return show(422)
    try:
        is_new = act()
    except DomainError as error:
        if PREFIX + str(error.facts.get("field")) in form:
            error.facts["field"] = PREFIX + str(error.facts["field"])
        return refuse(form, error, show)
    flash(saved if is_new else _("Nothing was changed."), "success" if is_new else "info")
    return redirect(url_for("catalogue.manage_site", slug=site_slug), 303)
