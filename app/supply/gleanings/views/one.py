"""One gleaning: signing up for it and withdrawing; cancelling it."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import Actor, can
from app.supply.gleanings import queries, service
from app.supply.gleanings.forms import ReasonForm, SignUpForm
from app.supply.gleanings.policy import GleaningPermission as P
from app.supply.gleanings.queries import Viewed
from app.supply.gleanings.views import blueprint
from app.supply.gleanings.views.loading import seen
from app.supply.gleanings.views.showing import show_gleaning
from app.supply.gleanings.words import people_words
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.words import explain


@blueprint.get("/glanages/<ref>")
@allowed(P.SEE, load=seen)
def show(viewed: Viewed) -> Response:
    """Show a gleaning."""
    return show_gleaning(viewed)


@blueprint.post("/glanages/<ref>/inscription")
@allowed(P.SIGN_UP, load=seen)
def sign_up(viewed: Viewed) -> Response:
    """Come, or say with how many."""
    form, gleaning_id = SignUpForm(), viewed.gleaning.id
    if not form.validate():
        return show_gleaning(viewed, signing=form, status=422)

    def act(actor: Actor) -> str:
        own = service.sign_up(actor, gleaning_id, form.people, split=form.split)
        if own.is_going and own.waiting:
            told = {"people": people_words(own.people), "others": people_words(own.waiting)}
            return _(
                "Signed up: %(people)s. In line: %(others)s; you read by e-mail when a place is theirs.",
                **told,
            )
        if own.is_going:
            return _("You are signed up. Put it into your calendar, and withdraw here if you cannot come.")
        return _("You are in line. You read by e-mail when a place is yours.")

    return done(viewed, act, signing=form)


@blueprint.post("/glanages/<ref>/inscription/retirer")
@allowed(P.WITHDRAW, load=seen)
def withdraw(viewed: Viewed) -> Response:
    """Not come after all."""
    gleaning_id = viewed.gleaning.id

    def act(actor: Actor) -> str:
        if service.withdraw(actor, gleaning_id):
            return _("You are not signed up any more. Your place goes to who is next.")
        return _("You are not in line any more.")

    return done(viewed, act)


@blueprint.post("/glanages/<ref>/annuler")
@allowed(P.KEEP, load=seen)
def cancel(viewed: Viewed) -> Response:
    """Let it not take place."""
    form, gleaning_id = ReasonForm(), viewed.gleaning.id
    if not form.validate():
        return show_gleaning(viewed, cancelling=form, status=422)
    is_joined = bool(queries.sign_ups_of(gleaning_id))
    said = _("Cancelled. Who signed up reads your reason by e-mail.") if is_joined else _("Cancelled.")
    reason = form.reason.data or ""
    return done(viewed, lambda actor: service.cancel(actor, gleaning_id, reason), said, cancelling=form)


def done(viewed: Viewed, act: Callable[[Actor], Any], said: str = "", **typed: Any) -> Response:
    """Do it, say so (in the words that the act gives, where none are `said`), lead back to the page, else the list."""
    ref = viewed.gleaning.public_id
    try:
        came_to = act(current_actor())
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        for form in typed.values():
            form.refuse(str(error.facts.get("field", "")), explain(error))
        trouble = "" if typed else explain(error)
        return show_gleaning(seen(ref), trouble=trouble, status=status_of(error), **typed)
    flash(said or came_to, "success")
    is_seen = can(current_actor(), P.SEE, queries.get_viewed(ref, current_actor()))
    return redirect(url_for("gleanings.show", ref=ref) if is_seen else url_for("gleanings.board"), 303)
