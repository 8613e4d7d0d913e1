"""Reads of chains: the one of a request, those that somebody has to do with."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import ColumnElement, false, func, or_, select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Organisation
from app.bookings.models import Booking, Bundle
from app.bookings.roles import OWN
from app.bookings.rules import LIVE
from app.catalogue.models import Resource, Site
from app.core import clock
from app.core.policy import Actor
from app.infra.db import db
from app.supply.chains.models import Chain, ChainDraft, FoodAidOverride
from app.supply.chains.planning.world import Place
from app.supply.chains.rules import Origin
from app.supply.offers.models import SurplusClaim, SurplusOffer
from app.supply.offers.queries import find_offer, find_part
from app.supply.offers.rules import LIVE as LIVE_PARTS
from app.supply.offers.rules import ClaimState

AT_MOST = 50


def find_chain(bundle_id: int) -> Chain | None:
    """Find what a request for several resources carries; None where it is no chain."""
    more = (
        joinedload(Chain.steps),
        joinedload(Chain.receiver),
        joinedload(Chain.override).joinedload(FoodAidOverride.person),
    )
    found = select(Chain).options(*more).filter_by(bundle_id=bundle_id)
    return db.session.scalars(found).unique().one_or_none()


def chains_of_bundles(bundle_ids: Iterable[int | None]) -> Mapping[int, Chain]:
    """Read the chains among requests for several resources, by the id of the request."""
    wanted = {number for number in bundle_ids if number}
    if not wanted:
        return {}
    found = select(Chain).where(Chain.bundle_id.in_(wanted)).options(joinedload(Chain.steps))
    return {each.bundle_id: each for each in db.session.scalars(found).unique()}


def givers_of(refs: Iterable[str | None]) -> Mapping[str, int]:
    """Tell which organisations (ids) offer what parts are of, by the public references of these."""
    wanted = {ref for ref in refs if ref}
    if not wanted:
        return {}
    found = select(SurplusClaim.public_id, SurplusOffer.organisation_id).join(SurplusClaim.offer)
    rows = db.session.execute(found.where(SurplusClaim.public_id.in_(wanted)))
    return {row.public_id: row.organisation_id for row in rows}


def lost_among(bundle_ids: Collection[int]) -> set[int]:
    """Name those of some requests (ids) that are chains for a part of an offer which has ended."""
    part = SurplusClaim.public_id == Chain.surplus_claim_ref
    has_ended = SurplusClaim.state.not_in(LIVE_PARTS)
    found = select(Chain.bundle_id).join(SurplusClaim, part).where(Chain.bundle_id.in_(bundle_ids), has_ended)
    return {*db.session.scalars(found)} if bundle_ids else set()


def chains_of_parts(refs: Iterable[str]) -> Sequence[Chain]:
    """List the chains that carry parts of offers, by the public references of these, the first first."""
    wanted = set(refs)
    if not wanted:
        return ()
    found = select(Chain).where(Chain.surplus_claim_ref.in_(wanted)).order_by(Chain.id)
    return db.session.scalars(found).all()


def part_to_carry(ref: str, actor: Actor) -> SurplusClaim | None:
    """Find the part of an offer of a reference, while it is somebody's and still to be collected."""
    found = find_part(ref) if ref else None
    is_theirs = found is not None and actor.belongs_to(found.organisation_id)
    return found if is_theirs and found is not None and found.state == ClaimState.CLAIMED else None


def draft_to_ask(ref: str, actor: Actor) -> ChainDraft | None:
    """Find the draft of a reference, while it is somebody's and can be asked for."""
    found = find_draft(ref) if ref else None
    return found if found is not None and actor.belongs_to(found.organisation_id) else None


def offer_to_carry(ref: str, actor: Actor) -> SurplusOffer | None:
    """Find the offer of a reference, while it is open and somebody's own organisation makes it."""
    found = find_offer(ref) if ref else None
    is_theirs = found is not None and actor.belongs_to(found.organisation_id)
    return found if is_theirs and found is not None and found.is_open_at(clock.now()) else None


def spot_of(known: SurplusOffer | ChainDraft | None, commune_code: str) -> Place | None:
    """Tell where something is to the metre, where it is fetched in the commune that is known of it."""
    if known is None or known.point is None or commune_code != known.commune_code:
        return None
    return Place(*known.point)


def chains_of_offer(ref: str) -> Sequence[Chain]:
    """List the chains that who offers has asked for to carry an offer, the first first."""
    return db.session.scalars(select(Chain).where(Chain.surplus_offer_ref == ref).order_by(Chain.id)).all()


def carrier_of(ref: str) -> Chain | None:
    """Find the chain that carries a part: the latest that is not given up or lost as a whole."""
    found = select(Chain).where(Chain.surplus_claim_ref == ref, _has_live_leg())
    return db.session.scalar(found.order_by(Chain.id.desc()).limit(1))


def carrying(ref: str) -> Sequence[Chain]:
    """List the chains that are to carry a part, the first first: some of their live legs lie ahead."""
    found = select(Chain).where(Chain.surplus_claim_ref == ref, _has_live_leg(Booking.end_at > clock.now()))
    return db.session.scalars(found.order_by(Chain.id)).all()


def carried_of(refs: Iterable[str]) -> Mapping[str, int]:
    """Add up, by the references of parts, the grams that chains ahead are to carry of them."""
    wanted = Chain.surplus_claim_ref.in_(set(refs)), _has_live_leg(Booking.end_at > clock.now())
    rows = (
        select(Chain.surplus_claim_ref, func.sum(Chain.grams))
        .where(*wanted)
        .group_by(Chain.surplus_claim_ref)
    )
    return {
        ref: int(grams) for ref, grams in db.session.execute(rows) if ref
    }  # PostgreSQL adds up to a Decimal


def chains_from(origins: Collection[Origin]) -> Mapping[Origin, list[Chain]]:
    """List the chains that were asked for from drafts and are not given up or lost as a whole, the first first."""
    found = defaultdict[Origin, list[Chain]](list)
    wanted = tuple_(Chain.origin_kind, Chain.origin_ref).in_([tuple(each) for each in origins])
    if not origins:
        return found
    for chain in db.session.scalars(select(Chain).where(wanted, _has_live_leg()).order_by(Chain.id)):
        if chain.origin is not None:
            found[chain.origin].append(chain)
    return found


def is_in_the_way(chain: Chain) -> bool:
    """Tell whether the same can be asked for anew only once a chain is given up: it carries what is left to nobody."""
    part = find_part(chain.surplus_claim_ref) if chain.surplus_claim_ref else None
    draft = draft_for(chain.origin) if chain.origin and part is None else None
    if part is not None:
        there, chains = part.grams, carrying(part.public_id)
    elif draft is not None:
        there, chains = draft.grams, chains_from([draft.origin])[draft.origin]
    else:
        return False
    return chain in chains and there - sum(each.grams for each in chains) < chain.grams


def find_draft(ref: str) -> ChainDraft | None:
    """Find a chain that is still to be asked for, as long as it can be."""
    wanted = select(ChainDraft).options(*_DRAFTED).where(ChainDraft.public_id == ref, _can_be_loaded())
    return db.session.scalar(wanted)


def draft_for(origin: Origin) -> ChainDraft | None:
    """Find the draft of something, as long as it can be asked for."""
    is_its = ChainDraft.origin_kind == origin.kind, ChainDraft.origin_ref == origin.ref
    return db.session.scalar(select(ChainDraft).options(*_DRAFTED).where(*is_its, _can_be_loaded()))


def drafts_of(organisation_ids: Collection[int]) -> Sequence[ChainDraft]:
    """List what organisations have still to ask for, what is to be loaded first first."""
    theirs = ChainDraft.organisation_id.in_(organisation_ids)
    found = select(ChainDraft).options(*_DRAFTED).where(theirs, _can_be_loaded())
    return db.session.scalars(found.order_by(ChainDraft.until_at, ChainDraft.id).limit(AT_MOST)).all()


def left_of(draft: ChainDraft, chains: Iterable[Chain]) -> int:
    """Tell how many grams of a draft no chain that was asked for from it carries."""
    return max(draft.grams - sum(chain.grams for chain in chains), 0)


def _can_be_loaded() -> ColumnElement[bool]:
    return ChainDraft.until_at > clock.now()


_DRAFTED: Final = (
    joinedload(ChainDraft.organisation).joinedload(Organisation.territory),
    joinedload(ChainDraft.to_site),
)


def _has_live_leg(*also: ColumnElement[bool]) -> ColumnElement[bool]:
    wanted = Booking.bundle_id == Chain.bundle_id, Booking.leg_number.is_not(None), Booking.decision.in_(LIVE)
    return select(Booking.id).where(*wanted, *also).exists()


def chains_for(actor: Actor) -> Sequence[Chain]:
    """List the chains that somebody has to do with: asked for, answered, coordinated, of their offers, for them.

    What takes place last comes first.
    """
    last = select(func.max(Booking.end_at)).where(Booking.bundle_id == Bundle.id).scalar_subquery()
    found = (
        select(Chain)
        .join(Chain.bundle)
        .options(joinedload(Chain.bundle).joinedload(Bundle.organisation), selectinload(Chain.steps))
        .where(or_(_is_theirs(actor), _has_their_place(actor), _is_coordinated(actor), _concerns(actor)))
        .order_by(last.desc(), Chain.id.desc())
    )
    return db.session.scalars(found.limit(AT_MOST)).all()


def _is_theirs(actor: Actor) -> ColumnElement[bool]:
    """Say in SQL that somebody's organisation asked, or they did so on behalf of one, as is_party does."""
    asked = select(Booking.id).where(
        Booking.bundle_id == Bundle.id, Booking.requester_id == actor.person_id, Booking.asked_as != OWN
    )
    return or_(Bundle.organisation_id.in_(list(actor.memberships)), asked.exists())


def _has_their_place(actor: Actor) -> ColumnElement[bool]:
    """Say in SQL that a leg is, or was, at a place that somebody answers for."""
    sites = [*actor.managed_sites, *actor.delegations]
    owners = [number for number in actor.memberships if actor.administers(number)]
    leg = (
        select(Booking.id)
        .join(Resource, Resource.id == Booking.resource_id)
        .join(Site, Site.id == Resource.site_id)
        .where(Booking.bundle_id == Bundle.id, or_(Site.id.in_(sites), Site.owner_id.in_(owners)))
    )
    return leg.exists() if sites or owners else false()


def _concerns(actor: Actor) -> ColumnElement[bool]:
    """Say in SQL that a chain carries what somebody's organisation offers, or is for it, as is_concerned does."""
    ours = list(actor.memberships)
    part = (
        select(SurplusClaim.id)
        .join(SurplusOffer, SurplusOffer.id == SurplusClaim.offer_id)
        .where(SurplusClaim.public_id == Chain.surplus_claim_ref, SurplusOffer.organisation_id.in_(ours))
    )
    return or_(Chain.receiver_id.in_(ours), part.exists())


def _is_coordinated(actor: Actor) -> ColumnElement[bool]:
    return Bundle.territory_id.in_(list(actor.coordinated))
