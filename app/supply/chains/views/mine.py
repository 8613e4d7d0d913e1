"""The chains somebody has to do with: those of their organisations, of their places, of their territory."""

from werkzeug.wrappers import Response

from app.bookings.bundles import wholes
from app.bookings.rules import BundleState
from app.supply.chains.policy import ChainPermission
from app.supply.chains.queries import AT_MOST, chains_for
from app.supply.chains.views import blueprint
from app.supply.chains.views.drafts import chain_cards, to_prepare
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page

_PAST = frozenset({BundleState.OVER, BundleState.GIVEN_UP})


@blueprint.get("/filieres")
@allowed(ChainPermission.SEE_OWN)
def mine() -> Response:
    """List them: what is to be asked for, what goes on, then what is over."""
    actor = current_actor()
    chains = chains_for(actor)
    found = wholes(chain.bundle_id for chain in chains)
    pairs = [(chain, found[chain.bundle_id]) for chain in chains]
    cards = list(zip(pairs, chain_cards(pairs, actor), strict=True))
    going = [card for (_chain, whole), card in cards if whole.state not in _PAST]
    return page(
        "supply/chains/mine.html",
        drafts=to_prepare(actor),
        going=going[::-1],
        past=[card for (_chain, whole), card in cards if whole.state in _PAST],
        is_full=len(chains) >= AT_MOST,
    )
