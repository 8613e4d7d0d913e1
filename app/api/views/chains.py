"""Chains through the API: planned, asked for, read, given up."""

from flask import Response, current_app, url_for

from app.api import service, writing
from app.api.chain_answers import Chain as ChainAnswer
from app.api.chain_answers import ChainCosts, ChainPage, Proposals
from app.api.chain_costs import write_costs
from app.api.chain_reading import Wish, read_wish
from app.api.chain_requests import ChainBody, WishBody
from app.api.chain_writing import write_chains, write_plans, write_proposals
from app.api.openapi import PERSONAL, api, says
from app.api.problems import Wished, offer_instead, wish_for_legs
from app.api.queries import get_organisation_id
from app.api.requests import KeyHeader, ReasonBody
from app.api.views import blueprint
from app.api.views.bookings import own_organisation
from app.api.views.bundles import seen_bundle
from app.bookings import service as bookings
from app.bookings.bundles import Whole, wholes
from app.bookings.bundles import get_bundle as find_bundle
from app.bookings.models import Bundle
from app.bookings.policy import BookingPermission as P
from app.bookings.views.bundle_costs import BundleCosts, seen_bundle_costs
from app.core.errors import NotFound
from app.supply.chains import queries
from app.supply.chains import service as chains
from app.supply.chains.plan_costs import places_of
from app.supply.chains.planning.plan import Plan
from app.supply.chains.policy import ChainPermission
from app.web.guards import allowed
from app.web.identity import current_actor

_REF = {"chain_ref": "Reference of the chain."}


def seen_chain(chain_ref: str) -> Bundle:
    """Find the request of a chain for the caller; raise NotFound where it is none."""
    bundle = seen_bundle(chain_ref)
    if queries.find_chain(bundle.id) is None:
        raise NotFound(kind="chain")
    return bundle


@blueprint.get("/chains")
@allowed(ChainPermission.SEE_OWN)
@api.validate(resp=says(ChainPage), tags=["chains"], security=PERSONAL, operation_id="listChains")
def list_chains() -> Response:
    """List the chains you have to do with.

    Your organisations asked for them, offer what they carry or receive it; they use your places; you coordinate them.
    """
    actor = current_actor()
    listed = queries.chains_for(actor)
    found = wholes(chain.bundle_id for chain in listed)
    pairs = [(each, found[each.bundle_id]) for each in listed]
    return writing.answer({"items": write_chains(pairs, actor)})


@blueprint.get("/chains/<chain_ref>")
@allowed(P.SEE_BUNDLE, load=seen_chain)
@api.validate(
    resp=says(ChainAnswer, 404), tags=["chains"], security=PERSONAL, operation_id="getChain",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def get_chain(bundle: Bundle) -> Response:
    """Read a chain: what it carries, where it stands, and those of its legs you may see."""
    return shown(bundle)


def seen_chain_costs(chain_ref: str) -> BundleCosts:
    """Find what a chain costs for the caller; raise BookingNotFound where they may see none of it."""
    return seen_bundle_costs(seen_chain(chain_ref).ref)


@blueprint.get("/chains/<chain_ref>/costs")
@allowed(P.SEE_BUNDLE_COSTS, load=seen_chain_costs)
@api.validate(
    resp=says(ChainCosts, 404), tags=["chains"], security=PERSONAL, operation_id="getChainCosts",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def get_costs(subject: BundleCosts) -> Response:
    """Read what each leg and the goods of a chain come to, and who bears how much, as things stand."""
    return writing.answer(write_costs(subject))


@blueprint.post("/chains/plans")
@allowed(ChainPermission.PREPARE)
@api.validate(
    resp=says(Proposals, 403, 404), tags=["chains"], security=PERSONAL, operation_id="planChain"
)  # fmt: skip
def plan_chain(json: WishBody) -> Response:
    """Find plans for what is to be carried, the cheapest first, each with what it costs; nothing is asked for."""
    wish = read_wish(json, own_organisation(json.organisation), current_actor())
    return writing.answer(write_proposals(wish))


@blueprint.post("/chains")
@allowed(ChainPermission.PREPARE)
@api.validate(
    resp=says(ChainAnswer, 403, 404, 409, created=True), tags=["chains"], security=PERSONAL,
    operation_id="askChain",
)  # fmt: skip
def ask_chain(json: ChainBody, headers: KeyHeader) -> Response:
    """Ask for all legs of a plan, or for none: each is answered by its place.

    The wish is sent as `/chains/plans` was sent it, with the `plan` of one proposal. 409 where it cannot be had any
    more: `legs_refused` with the reasons of each leg, `plan_lost` where it was proposed for something else; both with
    `plans`, those that are free now. Sent again with the same `Idempotency-Key` and body it is one chain; with another
    body, 422.
    """
    actor = current_actor()
    wish = read_wish(json, own_organisation(json.organisation), actor)
    offer_instead(lambda: {"plans": write_plans(wish)})
    plan = wish.read(json.plan)
    wish_for_legs(_wished(plan, wish.ours.id))
    host = str(current_app.config["MUTUALIM"].uid_host)
    asked = service.ask_chain(_request(wish, plan, json, headers.key), actor, uid_host=host)
    replayed = {"Idempotent_Replayed": "true"} if asked.replayed else {}
    address = url_for("api.get_chain", chain_ref=asked.ref)
    return shown(find_bundle(asked.ref), 201, Location=address, **replayed)


@blueprint.post("/chains/<chain_ref>/cancel")
@allowed(P.CANCEL_BUNDLE, load=seen_chain)
@api.validate(
    resp=says(ChainAnswer, 403, 404, 409), tags=["chains"], security=PERSONAL, operation_id="cancelChain",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def cancel_chain(bundle: Bundle, json: ReasonBody) -> Response:
    """Give the whole up, with a reason: legs that have not begun are cancelled."""
    ref = bundle.ref
    bookings.cancel_bundle(bundle.id, current_actor(), json.reason)
    return shown(find_bundle(ref))


def _wished(plan: Plan, organisation_id: int) -> list[Wished]:
    places = places_of([plan])
    return [Wished(places[leg.resource_id], leg.span, leg.quantity, organisation_id) for leg in plan.legs]


def _request(wish: Wish, plan: Plan, body: ChainBody, key: str | None) -> chains.ChainRequest:
    return chains.ChainRequest(
        organisation_id=wish.ours.id,
        product=body.product,
        cargo=wish.wanted.cargo,
        legs=plan.legs,
        purpose=body.purpose,
        from_place=wish.from_place,
        handover_at=body.handover_at or plan.ready_at,
        people=body.people,
        message=body.message,
        licence_years=body.licence_years,
        claim_ref=wish.part.public_id if wish.part else None,
        offer_ref=wish.own.public_id if wish.own else None,
        receiver_id=get_organisation_id(body.receiver) if body.receiver else None,
        for_food_aid=body.for_food_aid,
        way=chains.Way.of(wish.wanted, wish.commune),
        key=key,
    )


def shown(bundle: Bundle, status: int = 200, **headers: str) -> Response:
    """Answer with a chain as it is; raise NotFound where a request is none."""
    chain = queries.find_chain(bundle.id)
    if chain is None:
        raise NotFound(kind="chain")
    [written] = write_chains([(chain, Whole.of(bundle, bundle.legs))], current_actor())
    return writing.answer(written, status, **headers)
