"""Deciding who comes in: requests to join, proposed organisations, coordinators."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import queries, service
from app.accounts.forms import CoordinatorForm
from app.accounts.identity import reach
from app.accounts.models import Organisation, RoleGrant
from app.accounts.places import commune_label
from app.accounts.policy import AccountPermission
from app.accounts.rules import PRIORITY_CLASSES
from app.accounts.views import blueprint
from app.accounts.views.common import refuse, tell
from app.accounts.views.members import PAGE as MEMBERS_PAGE
from app.accounts.views.members import REQUESTS, organisation_of, shown
from app.core.errors import DomainError, Forbidden, NotFound, ReasonMissing
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.htmx import wants_fragment
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain

_PAGE, _LIST = "accounts/admissions.html", "accounts/_admissions.html"
_ROLES_PAGE = "accounts/roles.html"


@blueprint.get("/pat/demandes")
@allowed(AccountPermission.ADMIT)
def admissions() -> Response:
    """Show the coordination who waits to come in."""
    return page(_PAGE, _LIST, **_waiting())


def _waiting() -> dict[str, Any]:
    territory_ids = reach(current_actor())
    return {
        "organisations": queries.organisations_to_admit(territory_ids),
        "requests": queries.requests_in(territory_ids),
        "priorities": PRIORITY_CLASSES,
        "commune_label": commune_label,
        "back": url_for("accounts.admissions"),
    }


@blueprint.post("/pat/structures/<slug>/accepter")
@allowed(AccountPermission.DECIDE_ORGANISATION, load=queries.get_organisation)
def admit_organisation(subject: Organisation) -> Response:
    """Let a proposed organisation in."""
    slug, name, priority = subject.slug, subject.name, request.form.get("priority_class")
    return _decided(
        lambda: service.admit_organisation(current_actor(), slug, priority_class=priority),
        _("%(name)s is admitted.", name=name),
        key=f"o{subject.id}",
    )


@blueprint.post("/pat/structures/<slug>/refuser")
@allowed(AccountPermission.DECIDE_ORGANISATION, load=queries.get_organisation)
def refuse_organisation(subject: Organisation) -> Response:
    """Refuse a proposed organisation, with a reason."""
    slug, name = subject.slug, subject.name
    return _decided(
        lambda: service.refuse_organisation(current_actor(), slug, request.form.get("reason", "")[:2000]),
        _("%(name)s is refused; its founder receives your reason.", name=name),
        key=f"o{subject.id}",
    )


@blueprint.post("/structures/<slug>/membres/<int:membership_id>/accepter")
@allowed(AccountPermission.MANAGE_MEMBERS, load=organisation_of)
def approve_membership(subject: Organisation) -> Response:
    """Let somebody in who asked."""
    membership_id = int((request.view_args or {})["membership_id"])
    name = queries.get_membership(membership_id).person.name
    return _decided(
        lambda: service.approve_membership(current_actor(), membership_id),
        _("%(name)s is now a member.", name=name),
        key=f"m{membership_id}",
        slug=subject.slug,
    )


@blueprint.post("/structures/<slug>/membres/<int:membership_id>/refuser")
@allowed(AccountPermission.MANAGE_MEMBERS, load=organisation_of)
def refuse_membership(subject: Organisation) -> Response:
    """Refuse somebody who asked, with a reason."""
    membership_id = int((request.view_args or {})["membership_id"])
    reason = request.form.get("reason", "")[:2000]
    return _decided(
        lambda: service.refuse_membership(current_actor(), membership_id, reason),
        _("The request is refused; the person receives your reason."),
        key=f"m{membership_id}",
        slug=subject.slug,
    )


def _decided(act: Callable[[], object], sentence: str, *, key: str, slug: str | None = None) -> Response:
    """Do an act of the list it was sent from, and show that list again: the page, or the piece for htmx.

    `key` names the line, so that a refusal without reason opens there; `slug` is the organisation when the list
    may be that of its members.
    """
    in_territory = request.form.get("back") == url_for("accounts.admissions")
    whole, piece = (_PAGE, _LIST) if in_territory or slug is None else (MEMBERS_PAGE, REQUESTS)
    status, context = 200, {}
    try:
        act()
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        status = status_of(error)
        on_line = isinstance(error, ReasonMissing)
        context = {"line": key, "line_error": explain(error)} if on_line else {"problem": explain(error)}
    else:
        if not wants_fragment():
            flash(sentence, "success")
            return redirect(_list_url(slug, in_territory=in_territory), 303)
        context = {"toast_message": sentence}
    lists = _waiting() if whole == _PAGE else shown(queries.get_organisation(slug or ""))
    return page(whole, piece, status=status, **lists, **context)


def _list_url(slug: str | None, *, in_territory: bool) -> str:
    if in_territory or slug is None:
        return url_for("accounts.admissions")
    return url_for("accounts.members", slug=slug)


@blueprint.get("/pat/roles")
@allowed(AccountPermission.ADMIT)
def roles() -> Response:
    """Show who coordinates, to who may change it."""
    return page(_ROLES_PAGE, form=_coordinator_form(), **_coordination())


def _coordination() -> dict[str, Any]:
    territories = queries.territories(reach(current_actor()))
    grants = queries.coordinator_grants(territory.id for territory in territories)
    return {"territories": territories, "grants": grants}


def _coordinator_form() -> CoordinatorForm:
    form = CoordinatorForm()
    form.territory.choices = [(each.id, each.name) for each in queries.territories(reach(current_actor()))]
    return form


@blueprint.post("/pat/roles")
@allowed(AccountPermission.ADMIT)
def add_coordinator() -> Response:
    """Let somebody coordinate a territory."""
    form = _coordinator_form()
    if not form.validate():
        return page(_ROLES_PAGE, form=form, status=422, **_coordination())
    try:
        actor, territory_id = current_actor(), form.territory.data
        person = service.person_to_grant(actor, form.email.data or "", territory_id, request.remote_addr)
        name = person.name
        service.grant_coordinator(actor, territory_id=territory_id, person_id=person.id)
    except DomainError as error:
        return refuse(form, error, _ROLES_PAGE, field="email", **_coordination())
    flash(_("%(name)s now coordinates the territory.", name=name), "success")
    return redirect(url_for("accounts.roles"), 303)


@blueprint.post("/pat/roles/<int:grant_id>/retirer")
@allowed(AccountPermission.GRANT_COORDINATION, load=queries.get_grant)
def remove_coordinator(subject: RoleGrant) -> Response:
    """End somebody's coordination of a territory."""
    territory_id, person_id = subject.territory_id or 0, subject.person_id
    tell(
        lambda: service.revoke_coordinator(current_actor(), territory_id=territory_id, person_id=person_id),
        _("The role is withdrawn."),
    )
    return redirect(url_for("accounts.roles"), 303)
