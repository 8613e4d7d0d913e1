"""The board: what is offered now, and what one offers or has to collect oneself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from app.accounts.identity import reach
from app.catalogue.naming import name_commune
from app.core.errors import DomainError
from app.core.policy import Actor
from app.supply.cargo import Regime
from app.supply.cargo_words import REGIMES
from app.supply.offers import queries
from app.supply.offers.policy import OfferPermission as P
from app.supply.offers.queries import Sought
from app.supply.offers.rules import RADII, Category, Point
from app.supply.offers.views import blueprint
from app.supply.offers.views.cards import card, own_line, part_line
from app.supply.offers.words import CATEGORIES
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain

_A_PAGE = 24
_NAMES = ("categorie", "temperature", "don", "lieu", "km")
_USUAL_KM = 20.0


@dataclass(frozen=True)
class _Filters:
    """What was asked for in the address, as it was typed, and what it means."""

    raw: Mapping[str, str]
    sought: Sought
    error: str = ""


@blueprint.get("/surplus")
@allowed(P.SEE_BOARD)
def board() -> Response:
    """Show what is offered around, the nearest first."""
    actor = current_actor()
    ours = queries.find_organisation(actor.acting_for)
    here = queries.points_of([ours]).get(ours.id, ()) if ours else ()
    filters = _read(here)
    around = [] if filters.error else queries.board(_territories(actor), filters.sought)
    found = [each for each in around if not actor.belongs_to(each.offer.organisation_id)]
    number = _page_number(len(found))
    shown = found[(number - 1) * _A_PAGE : number * _A_PAGE]
    return page(
        "supply/offers/board.html",
        cards=[card(each) for each in shown],
        total=len(found),
        number=number,
        pages=-(-len(found) // _A_PAGE),
        page_url=lambda n: url_for("surplus.board", **{**filters.raw, "page": n}),
        raw=filters.raw,
        error=filters.error,
        own=[own_line(each) for each in queries.offers_by(actor.memberships)] if actor.memberships else [],
        parts=[part_line(each) for each in queries.claims_by(actor.memberships)] if actor.memberships else [],
        not_given=[part_line(each) for each in queries.not_given(actor.memberships)]
        if actor.memberships
        else [],
        ours=ours,
        is_near=bool(filters.sought.near),
        categories=list(CATEGORIES.items()),
        regimes=list(REGIMES.items()),
        radii=[(str(km), f"{km} km") for km in RADII],
    )


def _territories(actor: Actor) -> set[int]:
    return queries.territories_of(actor) | (set(reach(actor)) if actor.is_platform_admin else set())


def _page_number(total: int) -> int:
    typed = request.args.get("page", "")
    number = int(typed) if typed.isdecimal() and typed.isascii() and len(typed) < 6 else 1
    return max(1, min(number, -(-total // _A_PAGE)))


def _read(here: tuple[Point, ...]) -> _Filters:
    raw = {name: request.args[name][:100] for name in _NAMES if request.args.get(name, "").strip()}
    known: dict[str, Any] = {
        "category": raw.get("categorie", "") if raw.get("categorie") in set(Category) else "",
        "regime": raw.get("temperature", "") if raw.get("temperature") in set(Regime) else "",
        "only_gifts": "don" in raw,
    }
    km = float(raw["km"]) if raw.get("km") in {str(each) for each in RADII} else None
    if "lieu" not in raw:
        return _Filters(raw, Sought(**known, near=here, radius_km=km if here else None))
    try:
        commune = name_commune(raw["lieu"], here[0] if here else None, "lieu")
    except DomainError as error:
        return _Filters(raw, Sought(**known), explain(error))
    return _Filters(raw, Sought(**known, near=(Point(*commune.point),), radius_km=km or _USUAL_KM))
