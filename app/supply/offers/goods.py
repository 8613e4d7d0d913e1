"""What a part of an offer costs: payments keep a plan of it, under its public reference, until it was collected."""

from collections.abc import Iterable, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.bookings.goods import Sold
from app.bookings.models import Bundle
from app.core.span import Span, to_wall
from app.infra.db import db
from app.payments.books.postings import GOODS
from app.payments.models import CostPlan, PayeeTerms, TerritoryMoney
from app.payments.service.outlook import look_at
from app.payments.tariffs.measures import Use
from app.payments.tariffs.tariff import LONGEST_LABEL, Meter, Tariff, TariffLine, VatRegime
from app.payments.tariffs.told import Told
from app.supply.offers.models import SurplusClaim, SurplusOffer

SUBJECT: Final = GOODS  # as payments call what a part costs
FOOD_VAT_BP: Final = 550  # what people eat: Code général des impôts, article 278-0 bis, A, 1°


def is_charged(offer: SurplusOffer) -> bool:
    """Tell whether we charge parts of an offer: it has a price, money is on, and who offers has said how it is paid."""
    if offer.is_gift:
        return False
    money = db.session.get(TerritoryMoney, offer.territory_id)
    return money is not None and money.is_on and _regime(offer) is not None


def _regime(offer: SurplusOffer) -> VatRegime | None:
    terms = db.session.get(PayeeTerms, offer.organisation_id)
    return VatRegime(terms.vat_regime) if terms and terms.vat_regime else None


def tariff_of(claim: SurplusClaim) -> Tariff:
    """Write the price of a part as a tariff, VAT included; raise LookupError where its regime is not known."""
    offer = claim.offer
    regime = _regime(offer)
    if regime is None:
        raise LookupError(offer.organisation_id)
    line = TariffLine(Meter.KG, claim.price_cents, offer.product[:LONGEST_LABEL])
    return Tariff((line,), regime, FOOD_VAT_BP if regime is VatRegime.STANDARD else 0)


def told_of(claim: SurplusClaim) -> Told:
    """Tell payments what is paid for: its weight, on the day it was collected, or from which on it can be."""
    zone = ZoneInfo(claim.offer.territory.timezone)
    return Told(Use(kg_milli=claim.grams), to_wall(claim.collected_at or claim.offer.from_at, zone).date())


def plans_of(claims: Iterable[SurplusClaim]) -> Mapping[str, CostPlan]:
    """Read what parts cost, by their reference; what is given, or paid without us, has no plan."""
    refs = [claim.public_id for claim in claims]
    if not refs:
        return {}
    wanted = (
        select(CostPlan)
        .join(TerritoryMoney, TerritoryMoney.territory_id == CostPlan.territory_id)
        .where(TerritoryMoney.is_on, CostPlan.subject_kind == SUBJECT, CostPlan.subject_ref.in_(refs))
        .options(joinedload(CostPlan.tariff))
    )
    return {plan.subject_ref: plan for plan in db.session.scalars(wanted)}


def cents_of(claim: SurplusClaim, plan: CostPlan) -> int:
    """Reckon what a part comes to as things stand."""
    return look_at(plan, told_of(claim)).cents


def goods_of(claim: SurplusClaim, plan: CostPlan, bundle: Bundle | None = None) -> Sold:
    """Show a part as the goods that a request carries, or none does."""
    offer = claim.offer
    return Sold(
        bundle,
        plan,
        told_of(claim),
        offer.product,
        Span(offer.from_at, offer.until_at),
        offer.territory.timezone,
        "surplus.costs",
        {"ref": offer.public_id, "claim_ref": claim.public_id},
    )
