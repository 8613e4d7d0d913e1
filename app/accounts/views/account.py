"""One's own account: profile, password, address, devices, personal tokens."""

from typing import Any, TypeVar

from flask import flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts import queries, service
from app.accounts.forms import EmailChangeForm, PasswordForm, ProfileForm, TokenForm
from app.accounts.identity import stay
from app.accounts.policy import AccountPermission
from app.accounts.views import blueprint
from app.accounts.views.common import refuse
from app.core.errors import DomainError
from app.web.forms import Form
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page

F = TypeVar("F", bound=Form)
_PAGE = "accounts/account.html"
_TOKENS = "accounts/tokens.html"
_NEW_TOKEN = "new_token"  # noqa: S105  (where a secret waits to be shown once, not a secret)


def _forms(shown: Form | None = None) -> dict[str, Any]:
    """Make the forms of the page, with the one that was refused in its place."""
    account: queries.Account = current_user.account
    forms: dict[str, Form] = {
        "profile": ProfileForm(formdata=None, obj=account),
        "password": _provable(PasswordForm(formdata=None)),
        "change": _provable(EmailChangeForm(formdata=None)),
    }
    if shown is not None:
        forms = {name: shown if type(form) is type(shown) else form for name, form in forms.items()}
    return {
        **forms,
        "account": account,
        "awaited_email": service.find_email_change(account.person_id),
        "memberships": queries.memberships_of(account.person_id),
    }


def _provable(form: F) -> F:
    """Take the present password out of a form for who never chose one."""
    if not current_user.account.has_password:
        del form["present"]
    return form


def _present(form: Form) -> str:
    return str(form["present"].data or "") if "present" in form else ""


def _again(form: Form, status: int = 422) -> Response:
    return page(_PAGE, status=status, **_forms(form))


@blueprint.get("/compte")
@allowed(AccountPermission.KEEP_ACCOUNT)
def account() -> Response:
    """Show one's account."""
    return page(_PAGE, **_forms())


@blueprint.post("/compte/profil")
@allowed(AccountPermission.KEEP_ACCOUNT)
def edit_profile() -> Response:
    """Change name, phone and language."""
    form = ProfileForm()
    if not form.validate():
        return _again(form)
    try:
        service.edit_profile(
            current_actor(), name=form.name.data or "", phone=form.phone.data or "", locale=form.locale.data
        )
    except DomainError as error:
        return _refused(form, error)
    session.pop("locale", None)  # the language chosen here counts from now on, not the footer's
    flash(_("Your profile is saved."), "success")
    return redirect(url_for("accounts.account"), 303)


@blueprint.post("/compte/mot-de-passe")
@allowed(AccountPermission.KEEP_ACCOUNT)
def change_password() -> Response:
    """Change the password; this device stays signed in."""
    form = _provable(PasswordForm())
    if not form.validate():
        return _again(form)
    try:
        epoch = service.change_password(
            current_actor(),
            present=_present(form),
            password=form.password.data or "",
            address=request.remote_addr,
        )
    except DomainError as error:
        return _refused(form, error)
    stay(epoch)
    flash(_("Your password is changed. Every other device has been signed out."), "success")
    return redirect(url_for("accounts.account"), 303)


@blueprint.post("/compte/courriel")
@allowed(AccountPermission.KEEP_ACCOUNT)
def change_email() -> Response:
    """Ask both addresses to confirm a new one."""
    form = _provable(EmailChangeForm())
    if not form.validate():
        return _again(form)
    try:
        service.ask_email_change(
            current_actor(),
            email=form.email.data or "",
            password=_present(form),
            address=request.remote_addr,
        )
    except DomainError as error:
        return _refused(form, error)
    flash(_("We have written to both addresses. Open the link in each of the two e-mails."), "success")
    return redirect(url_for("accounts.account"), 303)


@blueprint.post("/compte/deconnecter-partout")
@allowed(AccountPermission.KEEP_ACCOUNT)
def sign_out_everywhere() -> Response:
    """Sign every other device out; API tokens and calendar links only when asked."""
    links_too = bool(request.form.get("links_too"))
    stay(service.sign_out_everywhere(current_actor(), links_too=links_too))
    if links_too:
        flash(
            _("Every other device has been signed out; your API tokens and calendar links have ended."),
            "success",
        )
    else:
        flash(_("Every other device has been signed out."), "success")
    return redirect(url_for("accounts.account"), 303)


@blueprint.get("/compte/jetons")
@allowed(AccountPermission.KEEP_ACCOUNT)
def tokens() -> Response:
    """List one's API tokens; a new one is shown this once."""
    secret = session.pop(_NEW_TOKEN, None)
    response = _tokens(TokenForm(formdata=None), secret=secret)
    if secret:
        response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/compte/jetons")
@allowed(AccountPermission.KEEP_ACCOUNT)
def create_token() -> Response:
    """Make an API token."""
    form = TokenForm()
    if not form.validate():
        return _tokens(form, status=422)
    session[_NEW_TOKEN] = service.create_token(current_actor(), form.name.data or "")
    return redirect(url_for("accounts.tokens"), 303)


@blueprint.post("/compte/jetons/<int:token_id>/revoquer")
@allowed(AccountPermission.KEEP_ACCOUNT)
def revoke_token(token_id: int) -> Response:
    """End one of one's API tokens."""
    service.revoke_token(current_actor(), token_id)
    flash(_("The token is revoked: it no longer opens anything."), "success")
    return redirect(url_for("accounts.tokens"), 303)


def _tokens(form: TokenForm, secret: str | None = None, status: int = 200) -> Response:
    mine = queries.access_tokens_of(current_actor().person_id or 0)
    return page(_TOKENS, form=form, tokens=mine, secret=secret, status=status)


def _refused(form: Form, error: DomainError) -> Response:
    return refuse(form, error, _PAGE, **_forms(form))
