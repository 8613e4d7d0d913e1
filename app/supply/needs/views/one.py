"""One need: what is looked for, what fits it, who can help."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.queries import organisations_by_id
from app.core import clock
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import Actor, can
from app.supply.needs import queries, service
from app.supply.needs.forms import HelpForm
from app.supply.needs.matching import free_for
from app.supply.needs.models import NeedAnswer
from app.supply.needs.policy import NeedPermission as P
from app.supply.needs.queries import Viewed
from app.supply.needs.rules import Sort
from app.supply.needs.views import blueprint
from app.supply.needs.words import STATES, need_facts, title_of
from app.supply.offers.views.cards import card
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


def seen(ref: str) -> Viewed:
    """Load a need; whoever may not see it is told the same as where there is none."""
    actor = current_actor()
    if not actor.is_signed_in:
        raise Forbidden(signed_in=False)
    viewed = queries.get_viewed(ref, actor)
    if not can(actor, P.SEE, viewed):
        raise NotFound(kind="need", ref=ref)
    return viewed


@blueprint.get("/besoins/<ref>")
@allowed(P.SEE, load=seen)
def show(viewed: Viewed) -> Response:
    """Show a need."""
    return _page(viewed)


@blueprint.post("/besoins/<ref>/aider")
@allowed(P.HELP, load=seen)
def help_with(viewed: Viewed) -> Response:
    """Say that one can help."""
    form, need_id = _help_form(viewed, HelpForm()), viewed.need.id
    if not form.validate():
        return _page(viewed, helping=form, status=422)
    key = (form.once.data or "")[:80] or None
    said = _("Sent. They read it by e-mail, with the phone of your organisation.")

    def act(actor: Actor) -> None:
        service.help_with(actor, need_id, int(form.organisation.data), form.message.data or "", key)

    return _done(viewed, act, said, form)


@blueprint.post("/besoins/<ref>/trouve")
@allowed(P.KEEP, load=seen)
def say_found(viewed: Viewed) -> Response:
    """Say that it is found."""
    need_id = viewed.need.id
    return _done(viewed, lambda actor: service.say_found(actor, need_id), _("Noted: you have found it."))


@blueprint.post("/besoins/<ref>/retirer")
@allowed(P.KEEP, load=seen)
def withdraw(viewed: Viewed) -> Response:
    """Look for it no longer."""
    need_id = viewed.need.id
    said = _("It is off the board.")
    return _done(viewed, lambda actor: service.withdraw(actor, need_id), said)


def _done(viewed: Viewed, act: Callable[[Actor], Any], said: str, form: HelpForm | None = None) -> Response:
    ref = viewed.need.public_id
    try:
        act(current_actor())
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        if form is not None:
            form.refuse(str(error.facts.get("field", "")), explain(error))
        trouble = "" if form is not None else explain(error)
        return _page(seen(ref), helping=form, trouble=trouble, status=status_of(error))
    flash(said, "success")
    return redirect(url_for("needs.show", ref=ref, _anchor="answers" if form else None), 303)


def _help_form(viewed: Viewed, form: HelpForm) -> HelpForm:
    named = [(each.id, each.name) for each in organisations_by_id(viewed.helpers)]
    form.prepare(named, current_actor().acting_for)
    return form


def _page(
    viewed: Viewed, *, helping: HelpForm | None = None, trouble: str = "", status: int = 200
) -> Response:
    need, actor = viewed.need, current_actor()
    is_open, is_own = need.is_open_at(clock.now()), can(actor, P.KEEP, viewed)
    sees_all = can(actor, P.SEE_ANSWERS, viewed)
    may_help = can(actor, P.HELP, viewed) and not is_own and is_open
    looks_at = is_open and (is_own or sees_all)
    badge, words = STATES[need.state]
    return page(
        "supply/needs/show.html",
        status=status,
        trouble=trouble,
        need=need,
        title=title_of(need),
        badge_look=badge,
        state=words,
        facts_rows=need_facts(need),
        is_open=is_open,
        is_own=is_own,
        sees_all=sees_all,
        is_food=need.sort == Sort.FOOD,
        offers=[card(each) for each in queries.fitting_offers(need)]
        if looks_at and need.sort == Sort.FOOD
        else [],
        free=free_for(need, actor) if looks_at and need.sort == Sort.PLACE else None,
        answers=[
            _answer(each)
            for each in queries.answers_of(need.id)
            if sees_all or each.organisation_id in viewed.ours
        ],
        helping=(helping or _help_form(viewed, HelpForm(formdata=None))) if may_help else None,
    )


def _answer(answer: NeedAnswer) -> dict[str, Any]:
    organisation = answer.organisation
    return {
        "name": organisation.name,
        "href": url_for("accounts.organisation", slug=organisation.slug),
        "phone": organisation.phone,
        "message": answer.message,
        "at": answer.created_at,
    }
