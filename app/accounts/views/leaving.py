"""What is kept of oneself: taking it away, and erasing it."""

import json
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import queries, service
from app.accounts.forms import EraseForm, erase_form
from app.accounts.identity import leave
from app.accounts.leaving import Heir, InTheWay, Obstacle, Standing
from app.accounts.models import TokenPurpose
from app.accounts.policy import AccountPermission
from app.accounts.views import blueprint
from app.accounts.views.common import refuse
from app.accounts.words import farewell_reason, why_and_what_instead
from app.core import clock
from app.core.errors import Conflict, DomainError
from app.web.guards import allowed, public
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain

_PAGE, _BY_LINK = "accounts/erase.html", "accounts/erase_by_link.html"


@blueprint.get("/compte/mes-donnees")
@allowed(AccountPermission.KEEP_ACCOUNT)
def own_data() -> Response:
    """Hand over what is kept of oneself, as one file that people and programs can read."""
    told = queries.own_data(current_actor().person_id or 0)
    response = Response(json.dumps(told, ensure_ascii=False, indent=2) + "\n", mimetype="application/json")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=mutualim-mes-donnees-{clock.now():%Y-%m-%d}.json"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/compte/supprimer")
@allowed(AccountPermission.KEEP_ACCOUNT)
def erase() -> BaseResponse:
    """Say what happens when one erases one's account, and what stands in the way."""
    standing = queries.standing_of(current_actor().person_id or 0)
    return page(_PAGE, form=_form(standing), **_shown(standing))


@blueprint.post("/compte/supprimer")
@allowed(AccountPermission.KEEP_ACCOUNT)
def erase_now() -> BaseResponse:
    """Erase one's account; who has no password confirms by e-mail."""
    actor, address = current_actor(), request.remote_addr
    standing = queries.standing_of(actor.person_id or 0)
    form, has_password = _form(standing), current_user.account.has_password
    if not form.validate():
        return page(_PAGE, form=form, status=422, **_shown(standing))
    try:
        if has_password:
            service.erase_account(
                actor, form.farewell(farewell_reason()), present=form.present.data or "", address=address
            )
            return _gone()
        service.ask_erasure(actor, form.farewell(farewell_reason()), address=address)
    except DomainError as error:
        return _refused(form, error)
    flash(_("We have just written to you. Open the link in the e-mail to confirm."), "info")
    return redirect(url_for("accounts.account"), 303)


@blueprint.get("/compte/supprimer/<secret>")
@public
def erase_by_link(secret: str) -> BaseResponse:
    """Show once more what happens, to who confirms by e-mail."""
    return _by_link(secret)


@blueprint.post("/compte/supprimer/<secret>")
@public
def erase_by_link_now(secret: str) -> BaseResponse:
    """Erase the account whose link this is."""
    try:
        service.erase_by_link(secret)
    except Conflict as error:
        return _by_link(secret, problem=explain(error), status=409)
    return _gone()


@blueprint.get("/au-revoir")
@public
def erased() -> BaseResponse:
    """Say goodbye."""
    return page("accounts/erased.html")


def _form(standing: Standing) -> EraseForm:
    return erase_form(standing, has_password=current_user.account.has_password, now=clock.now())


def _refused(form: EraseForm, error: DomainError) -> BaseResponse:
    """Show the page again as things stand now; what was chosen stays, and what is new has to be seen first."""
    standing = queries.standing_of(current_actor().person_id or 0)
    fresh = _form(standing)
    fresh.show_again(standing)
    return refuse(fresh if isinstance(error, Conflict) else form, error, _PAGE, **_shown(standing))


def _gone() -> BaseResponse:
    leave()
    response = redirect(url_for("accounts.erased"), 303)
    response.headers["Cache-Control"] = "no-store"
    return response


def _by_link(secret: str, problem: str = "", status: int = 200) -> BaseResponse:
    token = queries.find_token(secret, TokenPurpose.ERASE)
    standing, farewell = queries.standing_of(token.person_id), service.said_in(token)
    response = page(
        _BY_LINK,
        status=status,
        person=token.person,
        problem=problem,
        same=farewell.seen == standing.fingerprint,
        messages_too=farewell.messages_too,
        heirs={
            tie.organisation_id: _name(tie.heirs, farewell.heirs.get(tie.organisation_id))
            for tie in standing.ties
        },
        **_shown(standing),
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def _name(heirs: tuple[Heir, ...], chosen: int | None) -> str:
    """Name who takes over; empty where nobody does."""
    found = next((heir for heir in heirs if heir.person_id == chosen), None)
    return (found.name or _("an administrator of the organisation")) if found else ""


@dataclass(frozen=True)
class Step:
    """One thing to settle first, with where that is done."""

    why: str
    instead: str
    label: str = ""
    href: str = ""


def _shown(standing: Standing) -> dict[str, Any]:
    return {
        "standing": standing,
        "steps": [_step(each) for each in standing.in_the_way(clock.now())],
        "now": clock.now(),
    }


def _step(thing: InTheWay) -> Step:
    why, instead = why_and_what_instead(thing)
    match thing.obstacle:
        case Obstacle.LAST_ADMINISTRATOR:
            page_of = "accounts.organisation" if thing.alone else "accounts.members"
            label = _("See the organisation") if thing.alone else _("Members of %(name)s", name=thing.name)
            where = (label, url_for(page_of, slug=thing.slug))
        case Obstacle.ONLY_MANAGER:
            where = (_("Page of the place"), f"/lieux/{thing.slug}/gerer")
        case Obstacle.COORDINATOR:
            where = (_("Who coordinates"), url_for("accounts.roles"))
        case Obstacle.UNDER_WAY:
            where = (_("See the booking"), f"/reservations/{thing.slug}")
        case Obstacle.LAST_PLATFORM_ADMIN:
            where = ("", "")
    return Step(why, instead, *where)
