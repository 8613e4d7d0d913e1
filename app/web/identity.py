"""Who is asking, for guards and templates; the room of accounts says how to find out."""

from collections.abc import Callable

from flask import Flask, current_app, g

from app.core.policy import VISITOR, Actor

_KEY = "mutualim.actor_loader"


def set_actor_loader(app: Flask, load: Callable[[], Actor]) -> None:
    """Tell how the actor of a request is found (from its session or its token)."""
    app.extensions[_KEY] = load


def current_actor() -> Actor:
    """Give the actor of this request, found once."""
    if "actor" not in g:
        load = current_app.extensions.get(_KEY)
        g.actor = load() if load else VISITOR
    actor: Actor = g.actor
    return actor


def act_as(actor: Actor) -> None:
    """Set the actor of this request: after sign-in, or from an API token."""
    g.actor = actor
