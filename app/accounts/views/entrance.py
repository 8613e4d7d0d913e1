"""Signing up, in and out."""

from flask import flash, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import service
from app.accounts.forms import EmailForm, SignInForm, SignUpForm
from app.accounts.identity import ACTING_FOR, enter, leave
from app.accounts.policy import AccountPermission
from app.accounts.views import blueprint
from app.accounts.views.common import refuse
from app.core.errors import DomainError, NotFound
from app.web.guards import allowed, public
from app.web.i18n import locale_of_request
from app.web.identity import current_actor
from app.web.page import page
from app.web.shell import safe_next

_AFTER_SIGN_IN = "/moi"
_MAILED = ("inscription", "lien", "mot-de-passe")


@blueprint.get("/connexion")
@public
def sign_in() -> Response:
    """Ask for address and password."""
    target = request.args.get("next", "")
    if current_actor().is_signed_in:
        return redirect(safe_next(target, _AFTER_SIGN_IN), 303)
    return page("accounts/sign_in.html", form=SignInForm(next=safe_next(target, "")))


@blueprint.post("/connexion")
@public
def sign_in_now() -> Response:
    """Check address and password, and go on to where the person was."""
    form = SignInForm()
    if not form.validate():
        return page("accounts/sign_in.html", form=form, status=422)
    try:
        person_id = service.sign_in(form.email.data or "", form.password.data or "", request.remote_addr)
    except DomainError as error:
        return refuse(form, error, "accounts/sign_in.html", field=None)
    enter(person_id, remember=bool(form.remember.data))
    return redirect(safe_next(form.next.data, _AFTER_SIGN_IN), 303)


@blueprint.post("/deconnexion")
@public
def sign_out() -> Response:
    """Sign out of this browser."""
    leave()
    flash(_("You are signed out. See you soon."), "info")
    return redirect("/", 303)


@blueprint.get("/inscription")
@public
def sign_up() -> Response:
    """Ask for what opens an account."""
    if current_actor().is_signed_in:
        return redirect(_AFTER_SIGN_IN, 303)
    return page("accounts/sign_up.html", form=SignUpForm(next=safe_next(request.args.get("next"), "")))


@blueprint.post("/inscription")
@public
def sign_up_now() -> Response:
    """Open an account; the rest happens in the mailbox, whether or not the address was known."""
    form = SignUpForm()
    if not form.validate():
        return page("accounts/sign_up.html", form=form, status=422)
    try:
        service.sign_up(
            name=form.name.data or "",
            email=form.email.data or "",
            password=form.password.data or "",
            phone=form.phone.data or "",
            locale=locale_of_request(),
            next_url=safe_next(form.next.data, ""),
            address=request.remote_addr,
        )
    except DomainError as error:
        return refuse(form, error, "accounts/sign_up.html")
    return redirect(url_for("accounts.mailed", what="inscription"), 303)


@blueprint.get("/courriel-envoye/<what>")
@public
def mailed(what: str) -> Response:
    """Say that the rest happens in the mailbox."""
    if what not in _MAILED:
        raise NotFound(page=what)
    return page("accounts/mailed.html", what=what)


@blueprint.get("/connexion/lien")
@public
def ask_link() -> Response:
    """Ask where to send a link to sign in without a password."""
    return page("accounts/ask_link.html", form=EmailForm(next=safe_next(request.args.get("next"), "")))


@blueprint.post("/connexion/lien")
@public
def ask_link_now() -> Response:
    """Send the link, if there is an account; the answer is the same."""
    form = EmailForm()
    if not form.validate():
        return page("accounts/ask_link.html", form=form, status=422)
    try:
        target = safe_next(form.next.data, "")
        service.ask_link(form.email.data or "", next_url=target, address=request.remote_addr)
    except DomainError as error:
        return refuse(form, error, "accounts/ask_link.html")
    return redirect(url_for("accounts.mailed", what="lien"), 303)


@blueprint.get("/mot-de-passe/oublie")
@public
def ask_reset() -> Response:
    """Ask where to send a link to choose a new password."""
    return page("accounts/ask_reset.html", form=EmailForm())


@blueprint.post("/mot-de-passe/oublie")
@public
def ask_reset_now() -> Response:
    """Send the link, if there is an account; the answer is the same."""
    form = EmailForm()
    if not form.validate():
        return page("accounts/ask_reset.html", form=form, status=422)
    try:
        service.ask_reset(form.email.data or "", address=request.remote_addr)
    except DomainError as error:
        return refuse(form, error, "accounts/ask_reset.html")
    return redirect(url_for("accounts.mailed", what="mot-de-passe"), 303)


@blueprint.post("/agir-pour")
@allowed(AccountPermission.KEEP_ACCOUNT)
def act_for() -> Response:
    """Choose which of one's organisations one acts for from now on."""
    chosen = request.form.get("organisation", type=int)
    if not current_actor().belongs_to(chosen):
        raise NotFound(organisation=chosen)
    session[ACTING_FOR] = chosen
    return redirect(safe_next(request.form.get("next"), _AFTER_SIGN_IN), 303)
