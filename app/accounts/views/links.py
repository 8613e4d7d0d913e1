"""What links from e-mails open. GET never changes anything (mail scanners follow links); a button does."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import queries, service
from app.accounts.forms import NewPasswordForm
from app.accounts.identity import enter
from app.accounts.models import TokenPurpose
from app.accounts.views import blueprint
from app.accounts.views.common import refuse
from app.core.errors import Invalid
from app.web.guards import public
from app.web.identity import current_actor
from app.web.page import page
from app.web.shell import safe_next

_HOME = "/moi"


@blueprint.get("/inscription/confirmer/<secret>")
@public
def verify(secret: str) -> Response:
    """Show whose address is about to be confirmed."""
    token = queries.find_token(secret, TokenPurpose.VERIFY)
    typed = {"name": token.payload.get("name", ""), "email": token.person.email}
    return page("accounts/verify.html", **typed)


@blueprint.post("/inscription/confirmer/<secret>")
@public
def verify_now(secret: str) -> Response:
    """Confirm the address and let the person in."""
    person_id, target = service.verify(secret)
    enter(person_id)
    flash(_("Welcome! Your address is confirmed."), "success")
    return redirect(safe_next(target, url_for("accounts.organisations")), 303)


@blueprint.get("/connexion/lien/<secret>")
@public
def use_link(secret: str) -> Response:
    """Show who is about to sign in."""
    token = queries.find_token(secret, TokenPurpose.SIGN_IN)
    return page("accounts/use_link.html", name=token.person.name, email=token.person.email)


@blueprint.post("/connexion/lien/<secret>")
@public
def use_link_now(secret: str) -> Response:
    """Sign in by link."""
    person_id, target = service.use_link(secret)
    enter(person_id)
    return redirect(safe_next(target, _HOME), 303)


@blueprint.get("/mot-de-passe/nouveau/<secret>")
@public
def reset_password(secret: str) -> Response:
    """Ask for the new password."""
    token = queries.find_token(secret, TokenPurpose.RESET)
    return page("accounts/reset_password.html", form=NewPasswordForm(), email=token.person.email)


@blueprint.post("/mot-de-passe/nouveau/<secret>")
@public
def reset_password_now(secret: str) -> Response:
    """Set the new password and let the person in."""
    email, form = queries.find_token(secret, TokenPurpose.RESET).person.email, NewPasswordForm()
    if not form.validate():
        return page("accounts/reset_password.html", form=form, email=email, status=422)
    try:
        person_id = service.reset_password(
            secret, form.password.data or "", links_too=bool(form.links_too.data)
        )
    except Invalid as error:
        return refuse(form, error, "accounts/reset_password.html", email=email)
    enter(person_id)
    sentence = _(
        "Your new password is set. Every other device has been signed out; your API tokens have ended."
    )
    flash(sentence, "success")
    return redirect(_HOME, 303)


@blueprint.get("/compte/courriel/confirmer/<secret>")
@public
def confirm_email(secret: str) -> Response:
    """Show which change of address waits for a yes."""
    token = queries.find_token(secret, TokenPurpose.EMAIL_OLD, TokenPurpose.EMAIL_NEW)
    facts = {"old_email": token.person.email, "new_email": token.payload["email"]}
    return page("accounts/confirm_email.html", **facts)


@blueprint.post("/compte/courriel/confirmer/<secret>")
@public
def confirm_email_now(secret: str) -> Response:
    """Say yes to a change of address, at one of the two."""
    if service.confirm_email_change(secret):
        flash(_("Your e-mail address is changed."), "success")
    else:
        flash(_("Thank you. One yes is still missing: open the link we sent to the other address."), "info")
    signed_in = current_actor().is_signed_in
    return redirect(url_for("accounts.account") if signed_in else url_for("accounts.sign_in"), 303)
