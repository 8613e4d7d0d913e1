"""VAT is said twice, of an organisation and of each of its tariffs: which of these contradict each other."""

from dataclasses import dataclass

from flask import url_for

from app.accounts.models import LegalNature, Organisation
from app.catalogue.models import Resource, Visibility
from app.core import clock
from app.core.policy import can
from app.payments import queries
from app.payments.books.standing import find_terms
from app.payments.policy import MoneyPermission as P
from app.payments.tariffs.regimes import go_together, may_charge
from app.payments.tariffs.tariff import Tariff, VatRegime
from app.payments.tariffs.words import VAT
from app.web.identity import current_actor


@dataclass(frozen=True)
class Clash:
    """A tariff under a regime that contradicts another one."""

    name: str
    url: str
    regime: str


@dataclass(frozen=True)
class Clashes:
    """What contradicts what an organisation says of itself (`said`; empty where it says nothing)."""

    said: str
    terms_url: str  # for whoever may change it
    tariffs: list[Clash]


def clashes_of(owner: Organisation, here: VatRegime | None = None) -> Clashes | None:
    """Find the tariffs that contradict what their owner says of itself, or one of its tariffs where it says nothing.

    None where there are none: also of public bodies, which issue no invoice here.
    """
    terms = find_terms(owner.id)
    said = VatRegime(terms.vat_regime) if terms and terms.vat_regime else None
    if owner.legal_nature == LegalNature.PUBLIC or not (said or here):
        return None
    found = [
        Clash(resource.name, _url(resource), str(VAT[tariff.vat_regime]))
        for resource, tariff in queries.tariffs_of_owner(owner.id, clock.now())
        if not _agree(said, here, tariff.vat_regime) and _is_shown(resource)
    ]
    may_say = can(current_actor(), P.KEEP_ACCOUNTS, owner)
    url = url_for("payments.terms", slug=owner.slug) if may_say else ""
    return Clashes(str(VAT[said]) if said else "", url, found) if found else None


def contradicted(owner: Organisation, tariff: Tariff | None) -> str:
    """Say what the owner says of itself, where a tariff contradicts it; nothing where it does not."""
    terms = find_terms(owner.id)
    if tariff is None or owner.legal_nature == LegalNature.PUBLIC or terms is None or not terms.vat_regime:
        return ""
    said = VatRegime(terms.vat_regime)
    return "" if may_charge(said, tariff.vat_regime) else str(VAT[said])


def _agree(said: VatRegime | None, here: VatRegime | None, charged: VatRegime) -> bool:
    if said is not None:
        return may_charge(said, charged)
    return here is None or go_together(here, charged)


def _is_shown(resource: Resource) -> bool:
    return resource.visibility != Visibility.HIDDEN or can(current_actor(), P.SET_TARIFF, resource)


def _url(resource: Resource) -> str:
    may_set = can(current_actor(), P.SET_TARIFF, resource)
    return url_for("payments.tariffs" if may_set else "availability.resource", slug=resource.slug)
