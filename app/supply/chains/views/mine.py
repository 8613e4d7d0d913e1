"""The chains somebody has to do with: those of their organisations, of their places, of their territory."""

from flask import url_for
from werkzeug.wrappers import Response

from app.bookings.bundles import Whole, wholes
from app.bookings.policy import may_name
from app.bookings.rules import BundleState
from app.bookings.views.bundle_cards import whole_line
from app.bookings.views.bundles import standing_for
from app.bookings.words import Card, names_words
from app.core.policy import Actor
from app.supply.chains.models import Chain
from app.supply.chains.policy import ChainPermission
from app.supply.chains.queries import AT_MOST, chains_for
from app.supply.chains.views import blueprint
from app.supply.chains.words import carried_words
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page

_PAST = frozenset({BundleState.OVER, BundleState.GIVEN_UP})


@blueprint.get("/filieres")
@allowed(ChainPermission.SEE_OWN)
def mine() -> Response:
    """List them: what goes on, then what is over."""
    actor = current_actor()
    chains = chains_for(actor)
    found = wholes(chain.bundle_id for chain in chains)
    pairs = [(chain, found[chain.bundle_id]) for chain in chains]
    going = [pair for pair in pairs if pair[1].state not in _PAST]
    return page(
        "supply/chains/mine.html",
        going=[_card(*pair, actor) for pair in reversed(going)],
        past=[_card(*pair, actor) for pair in pairs if pair[1].state in _PAST],
        is_full=len(chains) >= AT_MOST,
    )


def _card(chain: Chain, whole: Whole, actor: Actor) -> Card:
    standing = standing_for(whole, actor)
    named = [leg for leg in whole.shown if may_name(actor, leg)]
    return whole_line(whole, names_words(named))._replace(
        href=url_for("chains.show", chain_ref=whole.bundle.ref),
        resource=whole.bundle.purpose,
        site=carried_words(chain),
        when=standing.title,
        state=standing.state,
    )
