"""From what a request wishes to be carried to what the planner understands, and what is proposed for it."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from zoneinfo import ZoneInfo

from app.accounts.models import Organisation
from app.api.chain_requests import WishBody
from app.api.errors import refuse
from app.api.reading import commune_near
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor
from app.infra.db import compact_json
from app.supply.cargo import PACKAGES, Cargo, Packaging, Regime
from app.supply.chains.candidates import propose
from app.supply.chains.errors import PlanLost
from app.supply.chains.plan_costs import places_of
from app.supply.chains.planning.plan import Plan
from app.supply.chains.planning.world import Place, Proposals, Wanted
from app.supply.chains.queries import offer_to_carry, part_to_carry, spot_of
from app.supply.chains.rules import loading_of
from app.supply.chains.signed import read_signed, sign
from app.supply.chains.words import from_words
from app.supply.offers.models import SurplusClaim, SurplusOffer
from app.supply.offers.queries import sites_of


@dataclass(frozen=True)
class Wish:
    """What somebody wants carried for an organisation, as they sent it and as it was read."""

    body: WishBody
    ours: Organisation
    part: SurplusClaim | None
    own: SurplusOffer | None  # an offer of theirs
    from_place: str
    wanted: Wanted
    commune: str  # its code
    actor: Actor

    @cached_property
    def proposals(self) -> Proposals:
        """Look for chains."""
        return propose(self.wanted, self.ours, self.actor)

    @cached_property
    def _about(self) -> str:
        """Tell what is wished apart from all else, as a plan is signed with it."""
        said = self.body.model_dump(include=set(WishBody.model_fields), mode="json")
        return sha256(compact_json(said | {"organisation": self.ours.public_id}).encode()).hexdigest()[:24]

    def sign(self, plan: Plan) -> str:
        """Write a plan for this, to be sent back."""
        return sign(plan, self._about)

    def read(self, text: str) -> Plan:
        """Read a plan that was proposed for this; raise PlanLost for any other, and where a place is gone."""
        plan = read_signed(text, self._about)
        if plan is None or len(places_of([plan])) < len({leg.resource_id for leg in plan.legs}):
            raise PlanLost
        return plan


def read_wish(body: WishBody, ours: Organisation, actor: Actor) -> Wish:
    """Read what is wished for; raise NotFound, BadWish, FieldsRefused, and for what is no commune."""
    if body.part and body.offer:
        raise refuse("body", "offer", "part_or_offer")
    commune = commune_near(body.commune, ours.commune_code)
    part, own = _part(body, ours, actor), _own_offer(body, ours, actor)
    zone = ZoneInfo(ours.territory.timezone)
    times = loading_of(body.start, body.end, body.by, clock.now(), zone)
    wanted = Wanted(
        read_cargo(body),
        spot_of(part.offer if part else own, commune.code) or Place(*commune.point),
        times.from_at,
        times.until_at,
        body.goal == "kitchen",
        None if body.goal == "store" else body.stored,
        _destination(body, ours),
        times.by,
        times.hours,
        zone,
    )
    return Wish(body, ours, part, own, from_words(body.place, commune.label), wanted, commune.code, actor)


def _part(body: WishBody, ours: Organisation, actor: Actor) -> SurplusClaim | None:
    found = part_to_carry(body.part.upper(), actor) if body.part else None
    if body.part and (found is None or found.organisation_id != ours.id):
        raise NotFound(kind="surplus_part")
    return found


def _own_offer(body: WishBody, ours: Organisation, actor: Actor) -> SurplusOffer | None:
    found = offer_to_carry(body.offer.upper(), actor) if body.offer else None
    if body.offer and (found is None or found.organisation_id != ours.id):
        raise NotFound(kind="surplus_offer")
    return found


def read_cargo(body: WishBody) -> Cargo:
    """Read what is to be carried."""
    packaging = Packaging(body.packaging)
    return Cargo(body.grams, packaging, body.per_package or PACKAGES[packaging].holds, Regime(body.regime))


def _destination(body: WishBody, ours: Organisation) -> Place | None:
    """Read where it is brought; None where it ends in a kitchen or a store."""
    given = [each for each in (body.to_site, body.to_commune) if each]
    if len(given) != (1 if body.goal == "place" else 0):
        raise refuse("body", "goal", "destination_unclear")
    if body.to_commune:
        return Place(*commune_near(body.to_commune, ours.commune_code, "to_commune").point)
    if not body.to_site:
        return None
    site = next((each for each in sites_of(ours.id) if each.slug == body.to_site), None)
    if site is None:
        raise NotFound(kind="site")
    return Place(site.lat, site.lon)
