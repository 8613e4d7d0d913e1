"""Chains through the API: those one has to do with, and each with its legs."""

from flask import Response

from app.api import writing
from app.api.chain_answers import Chain as ChainAnswer
from app.api.chain_answers import ChainPage
from app.api.openapi import PERSONAL, api, says
from app.api.surplus_writing import write_load, write_named
from app.api.views import blueprint
from app.api.views.bundles import seen_bundle
from app.bookings.bundles import Whole, wholes
from app.bookings.models import Bundle
from app.bookings.policy import BookingPermission as P
from app.core.errors import NotFound
from app.core.policy import Actor
from app.supply.chains import queries
from app.supply.chains.models import Chain
from app.supply.chains.policy import ChainPermission
from app.web.guards import allowed
from app.web.identity import current_actor


def seen_chain(chain_ref: str) -> Bundle:
    """Find the request of a chain for the caller."""
    return seen_bundle(chain_ref)


@blueprint.get("/chains")
@allowed(ChainPermission.SEE_OWN)
@api.validate(resp=says(ChainPage), tags=["chains"], security=PERSONAL, operation_id="listChains")
def list_chains() -> Response:
    """List the chains that your organisations asked for, that use your places, or that you coordinate."""
    actor = current_actor()
    chains = queries.chains_for(actor)
    found = wholes(chain.bundle_id for chain in chains)
    return writing.answer({"items": [_written(each, found[each.bundle_id], actor) for each in chains]})


@blueprint.get("/chains/<chain_ref>")
@allowed(P.SEE_BUNDLE, load=seen_chain)
@api.validate(
    resp=says(ChainAnswer, 404), tags=["chains"], security=PERSONAL, operation_id="getChain",
    path_parameter_descriptions={"chain_ref": "Reference of the chain."},
)  # fmt: skip
def get_chain(bundle: Bundle) -> Response:
    """Read a chain: what it carries, where it stands, and those of its legs you may see."""
    chain = queries.find_chain(bundle.id)
    if chain is None:
        raise NotFound(kind="chain")
    return writing.answer(_written(chain, Whole.of(bundle, bundle.legs), current_actor()))


def _written(chain: Chain, whole: Whole, actor: Actor) -> writing.Json:
    return {
        "ref": whole.bundle.ref,
        "product": chain.product,
        "grams": chain.grams,
        "regime": chain.regime,
        "load": write_load(chain.cargo),
        "from_place": chain.from_place,
        "part": chain.surplus_claim_ref,
        "receiver": write_named(chain.destination),
        "for_food_aid": chain.for_food_aid,
        "steps": [
            {"leg": step.leg_number, "role": step.role, "metres": step.metres, "trips": step.trips}
            for step in chain.steps
        ],
        "request": writing.bundle(whole, actor),
        "url": writing.absolute(f"/filieres/{whole.bundle.ref}"),
    }
