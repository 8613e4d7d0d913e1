"""The chains somebody has to do with: those of their organisations, of their places, of their territory."""

from werkzeug.wrappers import Response

from app.bookings.bundles import wholes
from app.bookings.rules import BundleState
from app.supply.chains.policy import ChainPermission
from app.supply.chains.queries import AT_MOST, chains_for
from app.supply.chains.views import blueprint
from app.supply.chains.views.drafts import chain_card, to_prepare
from app.supply.chains.views.lost import lost_parts
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
    lost = lost_parts(chains)
    going = [pair for pair in pairs if pair[1].state not in _PAST]
    return page(
        "supply/chains/mine.html",
        drafts=to_prepare(actor),
        going=[chain_card(*pair, actor, lost) for pair in reversed(going)],
        past=[chain_card(*pair, actor, lost) for pair in pairs if pair[1].state in _PAST],
        is_full=len(chains) >= AT_MOST,
    )
