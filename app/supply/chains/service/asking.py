"""Asking for a chain: the request for all its resources and what it carries are written together, or neither is."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from app.accounts.food_aid import FOOD_AID_CLASS
from app.bookings import service as bookings
from app.bookings.models import Bundle
from app.bookings.service.common import refuse_long
from app.core import clock
from app.core.policy import Actor
from app.infra.db import compact_json
from app.infra.uow import atomic
from app.payments.service import WantedSharing
from app.supply.cargo import Cargo
from app.supply.chains.errors import OfferLost, PartLost, PartTooSmall, ProductMissing
from app.supply.chains.models import Chain, ChainStep
from app.supply.chains.planning.plan import PlannedLeg
from app.supply.chains.planning.world import Place, Wanted, at
from app.supply.chains.queries import carrying, find_chain
from app.supply.chains.rules import MAX_NAME
from app.supply.chains.service.common import find_receiver
from app.supply.chains.service.drafts import carry_draft
from app.supply.offers import service as offers
from app.supply.offers.rules import LIVE

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Way:
    """Where it is fetched (`commune` is its code), from when to when it can be loaded there, where it is brought."""

    commune: str
    start: Place
    from_at: datetime
    until_at: datetime
    end: Place | None = None  # None: it ends in its last place

    @classmethod
    def of(cls, wanted: Wanted, commune: str) -> "Way":
        """Read it off what a plan was proposed for: its two ends are hours at which somebody is there to load."""
        first, last = wanted.loading
        return cls(commune, wanted.place, at(first), at(last), wanted.to)


@dataclass(frozen=True, kw_only=True)
class ChainRequest:
    """What somebody wants carried, by the resources of a plan. `key` makes a repeated send count once.

    `licence_years` is what is confirmed of whoever drives its vehicles; `claim_ref` names the part of an offer,
    `draft_ref` what was to be asked for, `offer_ref` an offer of the organisation itself. Without a receiver it is for
    who asks; unless it is said, it is food aid where that one does food aid. What replaces a leg later is looked for by
    its `way`.
    """

    organisation_id: int
    product: str
    cargo: Cargo
    legs: Sequence[PlannedLeg]
    purpose: str
    from_place: str = ""
    handover_at: datetime | None = None
    people: int | None = None
    message: str = ""
    licence_years: int = 0
    claim_ref: str | None = None
    draft_ref: str | None = None
    offer_ref: str | None = None
    receiver_id: int | None = None
    for_food_aid: bool | None = None
    way: Way | None = None
    sharing: WantedSharing | None = None  # who is to share what it costs; None: nobody
    key: str | None = None


def ask_chain(request: ChainRequest, actor: Actor, *, uid_host: str) -> Chain:
    """Ask for all legs of a plan, or for none: each is answered by its place, all that wait are held as one.

    Where it is to be shared, those who would bear a part are asked in the same act, as if it were shared afterwards.
    Raises ProductMissing, PartLost, PartTooSmall, DraftLost, DraftTooSmall, OfferLost, TextTooLong, and whatever
    ask_bundle and share_bundle_costs of app.bookings.service do. The same key and content gives what was made.
    """
    carried = _carried(request)
    with atomic() as session:
        bundle = bookings.ask_bundle(_as_bundle(request, carried), actor, uid_host=uid_host)
        if known := find_chain(bundle.id):
            return known
        _refuse_lost_part(request)
        _refuse_lost_offer(request)
        chain = _new_chain(bundle, request, carried)
        if request.draft_ref is not None:
            carry_draft(chain, request.draft_ref)
        session.add(chain)
        session.flush()
        if wanted := request.sharing:
            bookings.share_bundle_costs(bundle.id, actor, wanted.kind, wanted.parts, wanted.residual_id)
    return chain


def _carried(request: ChainRequest) -> dict[str, Any]:
    product, place = (" ".join(each.split()) for each in (request.product, request.from_place))
    if not product:
        raise ProductMissing(field="produit")
    refuse_long("produit", product, MAX_NAME)
    refuse_long("lieu", place, MAX_NAME)
    return {
        "product": product,
        "from_place": place,
        "surplus_claim_ref": request.claim_ref,
        "surplus_offer_ref": request.offer_ref,
        "receiver_id": None if request.receiver_id == request.organisation_id else request.receiver_id,
        **asdict(request.cargo),
    }


def _refuse_lost_part(request: ChainRequest) -> None:
    """Raise PartLost where what is to be carried is not theirs, or not any more; PartTooSmall where it is less."""
    if request.claim_ref is None:
        return
    part = offers.keep_part(request.claim_ref)
    if part is None or part.organisation_id != request.organisation_id or part.state not in LIVE:
        raise PartLost(ref=request.claim_ref)
    left = part.grams - sum(chain.grams for chain in carrying(request.claim_ref))
    if request.cargo.grams > left:
        raise PartTooSmall(left=max(left, 0), grams=part.grams)


def _refuse_lost_offer(request: ChainRequest) -> None:
    """Raise OfferLost where the offer that is to be carried is not theirs, or not open any more."""
    if request.offer_ref is None:
        return
    offer = offers.keep_offer(request.offer_ref)
    if offer is None or offer.organisation_id != request.organisation_id or not offer.is_open_at(clock.now()):
        raise OfferLost(ref=request.offer_ref)


def _as_bundle(request: ChainRequest, carried: dict[str, Any]) -> bookings.BundleRequest:
    return bookings.BundleRequest(
        request.organisation_id,
        tuple(_leg(planned, request) for planned in request.legs),
        request.purpose,
        request.people,
        message=request.message,
        key=request.key,
        in_order=True,
        handover_at=request.handover_at,
        more=_digest(request, carried),
    )


def _digest(request: ChainRequest, carried: dict[str, Any]) -> str:
    """Tell what is carried and shared, so that one key stands for it and nothing else."""
    told = [carried, request.draft_ref, asdict(request.sharing) if request.sharing else None]
    return sha256(compact_json(told).encode()).hexdigest()


def _leg(planned: PlannedLeg, request: ChainRequest) -> bookings.Leg:
    gap = -(-planned.gap // _MINUTE)  # a minute begun is needed, too
    return bookings.Leg(
        planned.resource_id,
        planned.span,
        planned.quantity,
        request.licence_years,
        gap_minutes=gap,
        metres=planned.metres or None,
        grams=request.cargo.grams,
    )


def _new_chain(bundle: Bundle, request: ChainRequest, carried: dict[str, Any]) -> Chain:
    steps = [
        ChainStep(leg_number=number, role=planned.role, metres=planned.metres, trips=planned.trips)
        for number, planned in enumerate(request.legs, start=1)
    ]
    chain = Chain(bundle=bundle, steps=steps, **carried, **_as_columns(request.way))
    chain.receiver = find_receiver(bundle, carried["receiver_id"])
    does_food_aid = chain.destination.priority_class == FOOD_AID_CLASS
    chain.for_food_aid = does_food_aid if request.for_food_aid is None else request.for_food_aid
    return chain


def _as_columns(way: Way | None) -> dict[str, Any]:
    if way is None:
        return {}
    to = way.end or (None, None)
    return {
        "from_commune": way.commune or None, "from_lat": way.start.lat, "from_lon": way.start.lon,
        "load_from_at": way.from_at, "load_until_at": way.until_at, "to_lat": to[0], "to_lon": to[1],
    }  # fmt: skip
