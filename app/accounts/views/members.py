"""The members of an organisation: asking to join, inviting, roles, leaving."""

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import queries, service
from app.accounts.asks import reckons_with_money
from app.accounts.forms import InviteForm, JoinForm
from app.accounts.models import Organisation, Role
from app.accounts.policy import AccountPermission
from app.accounts.views import blueprint
from app.accounts.views.common import refuse, tell
from app.accounts.views.organisations import show
from app.accounts.words import MEMBER_ROLES
from app.core.errors import DomainError, NotFound
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page

PAGE, REQUESTS = "accounts/members.html", "accounts/_requests.html"


def organisation_of(slug: str, membership_id: int) -> Organisation:
    """Find the organisation of a membership; raise NotFound when the two do not go together."""
    organisation = queries.get_membership(membership_id).organisation
    if organisation.slug != slug:
        raise NotFound(membership=membership_id)
    return organisation


def _in_url(name: str) -> int:
    return int((request.view_args or {})[name])


@blueprint.post("/structures/<slug>/demander")
@allowed(AccountPermission.ASK_TO_JOIN, load=queries.get_organisation)
def ask_to_join(subject: Organisation) -> Response:
    """Ask to join an organisation."""
    form, slug = JoinForm(), subject.slug
    if not form.validate():
        return show(subject, form, status=422)
    tell(
        lambda: service.request_membership(current_actor(), slug, form.message.data or ""),
        _("Your request is sent. You will receive the answer by e-mail."),
    )
    return redirect(url_for("accounts.organisation", slug=slug), 303)


@blueprint.post("/compte/demandes/<int:membership_id>/retirer")
@allowed(AccountPermission.KEEP_ACCOUNT)
def withdraw_request(membership_id: int) -> Response:
    """Take back one's own request to join."""
    tell(lambda: service.withdraw_request(current_actor(), membership_id), _("Your request is withdrawn."))
    return redirect(url_for("accounts.organisations"), 303)


@blueprint.post("/structures/<slug>/quitter")
@allowed(AccountPermission.LEAVE, load=queries.get_organisation)
def leave_organisation(subject: Organisation) -> Response:
    """Leave an organisation."""
    slug, name = subject.slug, subject.name
    mine = queries.find_membership(current_actor().person_id, subject.id)
    membership_id = mine.id if mine else 0
    left = tell(
        lambda: service.end_membership(current_actor(), membership_id),
        _("You have left %(name)s.", name=name),
    )
    back = url_for("accounts.organisations") if left else url_for("accounts.organisation", slug=slug)
    return redirect(back, 303)


@blueprint.get("/structures/<slug>/membres")
@allowed(AccountPermission.MANAGE_MEMBERS, load=queries.get_organisation)
def members(subject: Organisation) -> Response:
    """Show members, requests and invitations to who answers for the organisation."""
    return page(PAGE, REQUESTS, **shown(subject))


def shown(subject: Organisation, form: InviteForm | None = None) -> dict[str, Any]:
    """Collect what the page of members shows."""
    return {
        "organisation": subject,
        "roles": roles_offered(subject),
        "form": form or invite_form(subject, typed=False),
        "members": queries.members_of(subject.id),
        "requests": queries.requests_to_join(subject.id),
        "invitations": queries.open_invitations(subject.id),
        "back": url_for("accounts.members", slug=subject.slug),
    }


def roles_offered(organisation: Organisation) -> list[str]:
    """List the roles that members can be given: treasurers are made where there is money to keep account of."""
    has_money = any(reckons_with_money.ask(organisation.territory_id))
    return [Role.MEMBER, *([Role.TREASURER] if has_money else []), Role.ORG_ADMIN]


def invite_form(organisation: Organisation, *, typed: bool) -> InviteForm:
    """Make the form to invite somebody, with the roles that are offered; filled with what was `typed`, or empty."""
    form = InviteForm() if typed else InviteForm(formdata=None)
    form.role.choices = [(role, MEMBER_ROLES[role]) for role in roles_offered(organisation)]
    return form


@blueprint.post("/structures/<slug>/invitations")
@allowed(AccountPermission.MANAGE_MEMBERS, load=queries.get_organisation)
def invite(subject: Organisation) -> Response:
    """Invite somebody by e-mail."""
    form, slug = invite_form(subject, typed=True), subject.slug
    if not form.validate():
        return page(PAGE, status=422, **shown(subject, form))
    email, role = form.email.data or "", str(form.role.data)
    try:
        service.invite(current_actor(), slug, email=email, role=role, address=request.remote_addr)
    except DomainError as error:
        context = shown(queries.get_organisation(slug), form)
        return refuse(context.pop("form"), error, PAGE, field="email", **context)
    tell(lambda: None, _("The invitation has left for %(email)s. It is good for two weeks.", email=email))
    return redirect(url_for("accounts.members", slug=slug), 303)


@blueprint.post("/structures/<slug>/invitations/<int:invitation_id>/annuler")
@allowed(AccountPermission.MANAGE_MEMBERS, load=lambda slug, **_values: queries.get_organisation(slug))
def revoke_invitation(subject: Organisation) -> Response:
    """End an invitation."""
    slug = subject.slug
    tell(
        lambda: service.revoke_invitation(current_actor(), slug, _in_url("invitation_id")),
        _("The invitation is cancelled: its link no longer works."),
    )
    return redirect(url_for("accounts.members", slug=slug), 303)


@blueprint.post("/structures/<slug>/membres/<int:membership_id>/role")
@allowed(AccountPermission.MANAGE_MEMBERS, load=organisation_of)
def change_role(subject: Organisation) -> Response:
    """Make a member an administrator or a treasurer, or a member again."""
    slug, role = subject.slug, request.form.get("role", "")
    if role == Role.TREASURER and role not in roles_offered(subject):
        raise NotFound(role=role)
    tell(
        lambda: service.change_role(current_actor(), _in_url("membership_id"), role),
        _("The role is changed."),
    )
    return redirect(url_for("accounts.members", slug=slug), 303)


@blueprint.post("/structures/<slug>/membres/<int:membership_id>/retirer")
@allowed(AccountPermission.MANAGE_MEMBERS, load=organisation_of)
def remove_member(subject: Organisation) -> Response:
    """Take a member off the organisation."""
    slug = subject.slug
    tell(
        lambda: service.end_membership(current_actor(), _in_url("membership_id")),
        _("This person is no longer a member."),
    )
    return redirect(url_for("accounts.members", slug=slug), 303)
