"""The board: what is looked for, one's own first."""

from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from app.accounts.identity import reach
from app.catalogue.kinds.words import kinds_name
from app.catalogue.queries import offered_kinds
from app.core.policy import Actor
from app.supply.needs import queries
from app.supply.needs.policy import NeedPermission as P
from app.supply.needs.queries import Counted, Filters
from app.supply.needs.rules import Sort, State
from app.supply.needs.views import blueprint
from app.supply.needs.views.gaps import gaps_url
from app.supply.needs.words import SORTS, STATES, answers_words, title_of, when_words, where_words
from app.supply.offers.queries import territories_of
from app.supply.offers.rules import Category
from app.supply.offers.words import CATEGORIES
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page

_A_PAGE = 30


@blueprint.get("/besoins")
@allowed(P.SEE_BOARD)
def board() -> Response:
    """Show what is looked for around."""
    actor, filters = current_actor(), _filters()
    here = territories_of(actor) | (set(reach(actor)) if actor.is_platform_admin else set())
    found = queries.open_needs(here, filters, but=list(actor.memberships))
    own = queries.needs_by(list(actor.memberships)) if actor.memberships else []
    number = _page_number(len(found))
    return page(
        "supply/needs/board.html",
        own=[line_of(each) for each in own if each.need.state == State.OPEN],
        past=[line_of(each) for each in own if each.need.state != State.OPEN],
        lines=[line_of(each) for each in found[(number - 1) * _A_PAGE : number * _A_PAGE]],
        total=len(found),
        number=number,
        pages=-(-len(found) // _A_PAGE),
        page_url=lambda n: url_for("needs.board", **{**_raw(), "page": n}),
        raw=_raw(),
        sorts=list(SORTS.items()),
        categories=list(CATEGORIES.items()),
        kinds=[(key, kinds_name(key)) for key in offered_kinds()],
        may_post=_may_post(actor),
        gaps_url=gaps_url(),
    )


def line_of(counted: Counted) -> dict[str, Any]:
    """Write a need for a list."""
    need = counted.need
    badge, words = STATES[need.state]
    return {
        "href": url_for("needs.show", ref=need.public_id),
        "name": title_of(need),
        "sort": SORTS[need.sort],
        "when": when_words(need),
        "where": where_words(need),
        "who": need.organisation.name,
        "badge": badge,
        "state": words,
        "is_open": need.state == State.OPEN,
        "answers": answers_words(counted.answers),
    }


def _may_post(actor: Actor) -> bool:
    return bool(actor.memberships)


def _raw() -> dict[str, str]:
    names = ("quoi", "categorie", "type")
    return {name: request.args[name][:60] for name in names if request.args.get(name, "").strip()}


def _filters() -> Filters:
    raw, kinds = _raw(), set(offered_kinds())
    return Filters(
        raw.get("quoi", "") if raw.get("quoi") in set(Sort) else "",
        raw.get("categorie", "") if raw.get("categorie") in set(Category) else "",
        raw.get("type", "") if raw.get("type") in kinds else "",
    )


def _page_number(total: int) -> int:
    typed = request.args.get("page", "")
    number = int(typed) if typed.isdecimal() and typed.isascii() and len(typed) < 6 else 1
    return max(1, min(number, -(-total // _A_PAGE)))
