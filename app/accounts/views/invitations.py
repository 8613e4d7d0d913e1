"""The link of an invitation: joining with one's account, or opening one on the way."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import queries, service
from app.accounts.forms import JoinByInvitationForm
from app.accounts.identity import enter
from app.accounts.models import Invitation
from app.accounts.policy import AccountPermission
from app.accounts.rules import masked_email
from app.accounts.views import blueprint
from app.accounts.views.common import refuse
from app.core.errors import DomainError, Gone, NotFound
from app.web.guards import allowed, public
from app.web.i18n import locale_of_request
from app.web.identity import current_actor
from app.web.page import page

_PAGE = "accounts/invitation.html"


def _context(invitation: Invitation) -> dict[str, Any]:
    """Tell which of the ways in is open: accept, sign in first, another account is signed in, or a new account."""
    person_id = current_actor().person_id
    holder = queries.find_person_by_email(invitation.email)
    if person_id is not None:
        way = "accept" if holder and holder.id == person_id else "other"
    else:
        way = "sign_in" if holder and holder.verified_at else "join"
    return {
        "invitation": invitation,
        "organisation": invitation.organisation,
        "by": queries.get_person(invitation.invited_by_id).name,
        "way": way,
        "email": invitation.email if way in ("accept", "join") else masked_email(invitation.email),
        "here_url": request.path,
    }


@blueprint.get("/invitation/<secret>")
@public
def invitation(secret: str) -> Response:
    """Show who invites to what, and the button or form that accepts."""
    return page(
        _PAGE,
        form=JoinByInvitationForm(formdata=None),
        secret=secret,
        **_context(queries.get_invitation(secret)),
    )


@blueprint.post("/invitation/<secret>")
@allowed(AccountPermission.KEEP_ACCOUNT)
def accept_invitation(secret: str) -> Response:
    """Join with the account that is signed in."""
    membership = service.accept_invitation(current_actor(), secret)
    organisation = membership.organisation
    flash(_("You are now a member of %(name)s.", name=organisation.name), "success")
    return redirect(url_for("accounts.organisation", slug=organisation.slug), 303)


@blueprint.post("/invitation/<secret>/compte")
@public
def join_by_invitation(secret: str) -> Response:
    """Open an account and join in one step."""
    found = queries.get_invitation(secret)
    form, slug, name = JoinByInvitationForm(), found.organisation.slug, found.organisation.name
    if not form.validate():
        return page(_PAGE, form=form, secret=secret, status=422, **_context(found))
    try:
        person_id = service.join_by_invitation(
            secret,
            name=form.name.data or "",
            password=form.password.data or "",
            phone=form.phone.data or "",
            locale=locale_of_request(),
        )
    except (Gone, NotFound):
        raise
    except DomainError as error:
        context = _context(queries.get_invitation(secret))
        return refuse(form, error, _PAGE, secret=secret, **context)
    enter(person_id)
    flash(_("Welcome! You are now a member of %(name)s.", name=name), "success")
    return redirect(url_for("accounts.organisation", slug=slug), 303)
