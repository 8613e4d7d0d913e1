"""The list: what is called for around, what one signed up for, what one's organisations called for."""

from typing import Any

from flask import url_for
from werkzeug.wrappers import Response

from app.accounts.identity import reach
from app.catalogue.communes import find_commune
from app.core import clock
from app.supply.cargo_words import kilos
from app.supply.gleanings import queries
from app.supply.gleanings.models import GleaningSignUp
from app.supply.gleanings.policy import GleaningPermission as P
from app.supply.gleanings.queries import Found
from app.supply.gleanings.views import blueprint
from app.supply.gleanings.words import (
    harvest_words,
    people_words,
    places_words,
    standing_words,
    when_words,
)
from app.supply.offers import queries as offers
from app.supply.offers.words import CATEGORIES, PICTURES
from app.web.format import distance
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.static import illustration_url


@blueprint.get("/glanages")
@allowed(P.SEE_BOARD)
def board() -> Response:
    """Show what is called for around, the first first."""
    actor = current_actor()
    ours = offers.find_organisation(actor.acting_for)
    here = offers.points_of([ours]).get(ours.id, ()) if ours else ()
    territories = offers.territories_of(actor) | (set(reach(actor)) if actor.is_platform_admin else set())
    return page(
        "supply/gleanings/board.html",
        cards=[_card(each) for each in queries.calls_around(territories, here)],
        joined=[_joined(each) for each in queries.joined_by(actor.person_id)],
        called=[_called(each) for each in queries.called_by(actor.memberships)] if actor.memberships else [],
        ours=ours,
    )


def _card(found: Found) -> dict[str, Any]:
    gleaning = found.gleaning
    commune = find_commune(gleaning.commune_code)
    return {
        "href": url_for("gleanings.show", ref=gleaning.public_id),
        "name": gleaning.product,
        "amount": kilos(gleaning.grams),
        "category": CATEGORIES[gleaning.category],
        "picture": illustration_url(PICTURES[gleaning.category]),
        "who": gleaning.organisation.name,
        "where": commune.name if commune else gleaning.place,
        "km": distance(found.km) if found.km is not None else "",
        "when": when_words(gleaning),
        "places": places_words(gleaning, found.count),
        "chips": [harvest_words(gleaning)],
    }


def _joined(own: GleaningSignUp) -> dict[str, Any]:
    gleaning = own.gleaning
    return {
        "href": url_for("gleanings.show", ref=gleaning.public_id),
        "name": gleaning.product,
        "when": when_words(gleaning),
        "detail": gleaning.organisation.name,
        "people": people_words(own.people),
        "is_going": own.is_going,
        "picture": illustration_url(PICTURES[gleaning.category]),
    }


def _called(found: Found) -> dict[str, Any]:
    gleaning = found.gleaning
    is_past = not gleaning.may_change_at(clock.now())
    return {
        "href": url_for("gleanings.show", ref=gleaning.public_id),
        "name": gleaning.product,
        "when": when_words(gleaning),
        "detail": gleaning.organisation.name,
        "standing": standing_words(gleaning, found.count),
        "again": url_for("gleanings.propose", comme=gleaning.public_id) if is_past else "",
        "picture": illustration_url(PICTURES[gleaning.category]),
    }
