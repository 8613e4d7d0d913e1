"""From a browser's session to the actor of a request, and what every page shows of it."""

from typing import Any

from flask import Flask, Response, current_app, g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from app.accounts import queries, service
from app.accounts.models import session_id
from app.accounts.policy import AccountPermission
from app.core import clock
from app.core.policy import VISITOR, Actor, can
from app.web.identity import act_as, current_actor, set_actor_loader
from app.web.shell import counts

ACTING_FOR = "acting_for"
_PROLONGED = "prolonged"  # when the visit was last made to last from then on
_KEPT_THROUGH_SIGN_IN = (
    "locale",
    "draft",
)  # keys that begin like this survive: a draft typed before signing in
_WITHOUT_SESSION = ("static", "health.health")


class SignedIn(UserMixin):
    """The person signed in, as flask-login and the templates (`current_user`) see one."""

    def __init__(self, account: queries.Account) -> None:
        self.account = account
        self.id = account.person_id
        self.name = account.name
        self.email = account.email

    def get_id(self) -> str:
        """Write what the session and the "remember me" cookie keep."""
        return session_id(self.account.person_id, self.account.session_epoch)


class Doorkeeper(LoginManager):
    """flask-login, leaving alone the session of requests that never looked at it (static files, feeds)."""

    def _update_remember_cookie(self, response: Response) -> Response:
        if "_login_user" not in g:
            return response
        answered: Response = super()._update_remember_cookie(response)
        return answered


def init_app(app: Flask) -> None:
    """Find the actor of every request from its session."""
    door = Doorkeeper()
    door.session_protection = None  # phones change networks; the epoch and a signed cookie do the work
    door.init_app(app)
    door.user_loader(_load_user)
    set_actor_loader(app, _load_actor)
    app.before_request(_recognise)
    app.context_processor(_context)
    counts(_counts)


def enter(person_id: int, *, remember: bool = False) -> None:
    """Sign a person in on this browser: a new session that keeps only the language and drafts."""
    kept = {key: value for key, value in session.items() if key.startswith(_KEPT_THROUGH_SIGN_IN)}
    session.clear()
    account = queries.find_account(person_id)
    if account is None:
        return
    session.update(kept)
    session.permanent = True
    session[_PROLONGED] = clock.epoch()
    login_user(SignedIn(account), remember=remember)
    act_as(account.actor())


def leave() -> None:
    """Sign out of this browser; only the language stays."""
    locale = session.get("locale")
    logout_user()
    forget = session.get("_remember")
    session.clear()
    session.update({key: value for key, value in (("locale", locale), ("_remember", forget)) if value})
    act_as(VISITOR)


def stay(session_epoch: int) -> None:
    """Keep this browser signed in after every other one was signed out."""
    person_id = current_actor().person_id
    if person_id is None:
        return
    session["_user_id"] = session_id(person_id, session_epoch)
    if _remember_cookie() in request.cookies:
        session["_remember"] = "set"


def _remember_cookie() -> str:
    return str(current_app.config.get("REMEMBER_COOKIE_NAME", "remember_token"))


def _load_user(kept: str) -> SignedIn | None:
    person_id, _, epoch = kept.partition(".")
    if not (person_id.isdigit() and epoch.isdigit()):
        return None
    account = queries.find_account(int(person_id))
    if account is None or account.session_epoch != int(epoch):
        return None
    return SignedIn(account)


def _load_actor() -> Actor:
    if not _has_cookies() or not current_user.is_authenticated:
        return VISITOR
    account: queries.Account = current_user.account
    return account.actor(session.get(ACTING_FOR))


def _has_cookies() -> bool:
    # Asked before the session is touched: an answer that never looked at it needs no "Vary: Cookie".
    return bool({current_app.config["SESSION_COOKIE_NAME"], _remember_cookie()} & set(request.cookies))


def _recognise() -> None:
    if request.endpoint not in _WITHOUT_SESSION and current_actor().is_signed_in:
        account: queries.Account = current_user.account
        g.account_locale = account.locale
        service.note_visit(account.person_id, account.seen_at)
        _prolong()


def _prolong() -> None:
    """Let the visit last from now on, once in a twelfth of what it lasts.

    A cookie written with every answer would let a late picture bring back what the page after it has changed.
    """
    lasts = current_app.permanent_session_lifetime.total_seconds()
    if session.permanent and not 0 <= clock.epoch() - session.get(_PROLONGED, 0) < lasts / 12:
        session[_PROLONGED] = clock.epoch()


def _context() -> dict[str, Any]:
    actor = current_actor()
    mine: tuple[queries.MyOrganisation, ...] = ()
    if actor.is_signed_in and current_user.is_authenticated:
        mine = current_user.account.organisations
    return {
        "my_organisations": mine,
        "acting_organisations": mine,
        "acting_organisation": next((o for o in mine if o.id == actor.acting_for), None),
        "Account": AccountPermission,
        "territory_hue": queries.shown_hue,
    }


def _counts() -> dict[str, int]:
    actor = current_actor()
    if not can(actor, AccountPermission.ADMIT):
        return {}
    return {"coordinates": 1, "to_admit": queries.count_admissions(reach(actor))}


def reach(actor: Actor) -> list[int]:
    """List the territories somebody coordinates; for who runs the platform, all."""
    if actor.is_platform_admin:
        return [territory.id for territory in queries.territories()]
    return sorted(actor.coordinated)
