"""Creating, editing, archiving and restoring what is shared at a site."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.catalogue import asks, queries, service
from app.catalogue.errors import BadFacts
from app.catalogue.forms import ResourceForm, edit_resource_form, new_resource_form
from app.catalogue.kinds import KINDS, find_kind, get_kind
from app.catalogue.kinds.fields import fact_groups
from app.catalogue.models import Resource, Site
from app.catalogue.policy import CataloguePermission as P
from app.catalogue.rules import KM_PRICE
from app.catalogue.views import blueprint
from app.catalogue.views.beside import pages_beside
from app.catalogue.views.cards import resource_path
from app.catalogue.views.common import Show, refuse, revision_of, tell
from app.catalogue.windows import window_rows
from app.core.errors import DomainError
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page


@blueprint.get("/lieux/<slug>/ressources/nouvelle")
@allowed(P.MANAGE_SITE, load=queries.get_site)
def new_resource(subject: Site) -> Response:
    """Ask for the kind (`genre`), then for the facts of a new resource of that kind."""
    kind = find_kind(request.args.get("genre", ""))
    if kind is None:
        return page(
            "catalogue/choose_kind.html", site=subject, kinds=[KINDS[key] for key in queries.offered_kinds()]
        )
    return _shown(new_resource_form(kind), subject)(200)


@blueprint.post("/lieux/<slug>/ressources/nouvelle")
@allowed(P.MANAGE_SITE, load=queries.get_site)
def create_resource(subject: Site) -> Response:
    """Share something at a site."""
    slug = subject.slug
    form = new_resource_form(get_kind(request.args.get("genre", "")))
    show = _shown(form, subject)
    facts = form.facts() if form.validate() else None
    if facts is None:
        return show(422)
    try:
        resource = service.create_resource(current_actor(), subject, facts)
    except DomainError as error:
        return _refuse(form, error, show)
    flash(
        _("“%(name)s” is shared. A photo helps people to choose it: add one now.", name=resource.name),
        "success",
    )
    if request.form.get("then") == "another":
        return redirect(url_for("catalogue.new_resource", slug=slug), 303)
    return redirect(url_for("catalogue.resource_photos", slug=resource.slug), 303)


@blueprint.get("/ressources/<slug>/modifier")
@allowed(P.MANAGE_SITE, load=queries.get_resource)
def edit_resource(subject: Resource) -> Response:
    """Ask for what should change."""
    form = edit_resource_form(subject, get_kind(subject.kind))
    return _shown(form, subject.site, subject)(200)


@blueprint.post("/ressources/<slug>/modifier")
@allowed(P.MANAGE_SITE, load=queries.get_resource)
def save_resource(subject: Resource) -> Response:
    """Change a resource."""
    site_slug = subject.site.slug
    form = edit_resource_form(subject, get_kind(subject.kind))
    show = _shown(form, subject.site, subject)
    facts = form.facts() if form.validate() else None
    if facts is None:
        return show(422)
    try:
        changed = service.edit_resource(current_actor(), subject, facts, revision=revision_of(form))
    except DomainError as error:
        return _refuse(form, error, show)
    message = _("“%(name)s” is saved.", name=subject.name) if changed else _("Nothing was changed.")
    flash(message, "success" if changed else "info")
    return redirect(url_for("catalogue.manage_site", slug=site_slug), 303)


@blueprint.get("/ressources/<slug>/archiver")
@allowed(P.MANAGE_SITE, load=queries.get_resource)
def confirm_archive_resource(subject: Resource) -> Response:
    """Say what archiving means and what stands against it."""
    ahead = asks.promises_of([subject.id])
    return page("catalogue/archive.html", site=subject.site, resource=subject, number=1, promises=ahead)


@blueprint.post("/ressources/<slug>/archiver")
@allowed(P.MANAGE_SITE, load=queries.get_resource)
def archive_resource(subject: Resource) -> Response:
    """Take a resource out of the catalogue."""
    slug, site_slug, actor = subject.slug, subject.site.slug, current_actor()
    done = tell(
        lambda: service.archive_resource(actor, subject),
        _("“%(name)s” is archived. Its bookings stay readable, and you can restore it.", name=subject.name),
    )
    if not done:
        return redirect(url_for("catalogue.confirm_archive_resource", slug=slug), 303)
    return redirect(url_for("catalogue.manage_site", slug=site_slug), 303)


@blueprint.post("/ressources/<slug>/restaurer")
@allowed(P.MANAGE_SITE, load=queries.get_resource)
def restore_resource(subject: Resource) -> Response:
    """Bring an archived resource back."""
    site_slug, actor = subject.site.slug, current_actor()
    tell(
        lambda: service.restore_resource(actor, subject),
        _("“%(name)s” is back, marked as to be checked.", name=subject.name),
    )
    return redirect(url_for("catalogue.manage_site", slug=site_slug), 303)


def _shown(form: ResourceForm, site: Site, resource: Resource | None = None) -> Show:
    """Give the function that renders the form of a resource with a status."""
    back = resource_path(resource) if resource else ""
    is_priced = resource is not None and asks.is_priced_elsewhere(resource)
    return lambda status: page(
        "catalogue/resource_form.html",
        status=status,
        form=form,
        site=site,
        resource=resource,
        kind=form.kind,
        groups=list(fact_groups(form, form.kind, but={KM_PRICE} if is_priced else ())),
        windows=window_rows(form),
        public_page=back,
        beside=_beside(resource) if resource else [],
        is_priced_elsewhere=is_priced,
    )


def _beside(resource: Resource) -> list[asks.Beside]:
    return pages_beside(resource, queries.parts_at(resource.site_id), asks.pages_of([resource]))


def _refuse(form: ResourceForm, error: DomainError, show: Show) -> Response:
    """Show the form with a refusal; facts the kind refuses are told on their own fields by the form."""
    if isinstance(error, BadFacts):
        form.facts()
        return show(422)
    return refuse(form, error, show)
