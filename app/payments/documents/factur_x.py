"""A bill as other software reads it: the XML of Factur-X, profile EN 16931, that lies inside its PDF.

`factur-x` knows the terms of the standard (BT-1 is the number) and where each stands. It asks nobody on the network.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from app.payments.documents.bill import Bill, Party, VatPart
from app.payments.documents.errors import Unwritable
from app.payments.documents.rules import Kind
from app.payments.tariffs.tariff import VatRegime

FILE: Final = "factur-x.xml"
_TYPES: Final = {Kind.INVOICE: "380", Kind.CREDIT_NOTE: "381"}
_CATEGORIES: Final = {VatRegime.STANDARD: "S", VatRegime.OUT_OF_SCOPE: "O"}
_EXEMPT: Final = "E"
_REASONS: Final = {  # codes of the list VATEX
    VatRegime.FRANCHISE: "VATEX-FR-FRANCHISE",
    VatRegime.EXEMPT: "VATEX-FR-CGI261-7",
    VatRegime.GROUP: "VATEX-FR-CGI261B",
    VatRegime.OUT_OF_SCOPE: "VATEX-EU-O",
}
_SIREN, _SIRET, _DIRECTORY = (
    "0002",
    "0009",
    "0225",
)  # schemes of identifiers: the last is the French directory
_PIECE: Final = "C62"
_TRANSFER: Final = "58"
_TOWN = re.compile(r"(\d{5})\s+(.+)")


@dataclass(frozen=True)
class Said:
    """The words of a bill: what each line is called and how it came about, and what the law wants said."""

    lines: Sequence[tuple[str, str]]
    vat: Mapping[VatRegime, str]
    terms: str  # until when
    recovery: str  # PMT: what recovering it costs whoever is late
    late: str  # PMD: what being late costs
    early: str  # AAB: what being early saves
    others: Sequence[str] = ()


def xml(bill: Bill, said: Said) -> bytes:
    """Write a bill as XML; it is held against the schema of the standard. Raise Unwritable."""
    from facturx.generate_xml import generate_cii_xml  # noqa: PLC0415  # half a second that only this should take

    facts = _head(bill, said) | _parties(bill) | _payment(bill, said) | _sums(bill, said)
    facts["BG-25"] = [_line(bill, said, place) for place in range(len(bill.lines))]
    try:
        written: bytes = generate_cii_xml(facts, level="en16931", check_schematron=None)
    except Exception as error:
        raise Unwritable(why=str(error)) from error
    return written


def _head(bill: Bill, said: Said) -> dict[str, Any]:
    notes = [
        {"BT-21": "PMT", "BT-22": said.recovery},
        {"BT-21": "PMD", "BT-22": said.late},
        {"BT-21": "AAB", "BT-22": said.early},
        *({"BT-22": each} for each in said.others),
    ]
    head: dict[str, Any] = {
        "BT-1": bill.number,
        "BT-2": bill.issued_on,
        "BT-3": _TYPES[bill.kind],
        "BT-5": bill.currency,
        "BT-23": "S1" if bill.payable_cents else "S2",  # services, to be paid or paid already
        "BT-72": bill.ends_on,
        "BT-73": bill.starts_on,
        "BT-74": bill.ends_on,
        "BG-1": notes,
    }
    if bill.amends:
        head["BG-3"] = [{"BT-25": bill.amends, "BT-26": bill.amends_on}]
    return head


def _parties(bill: Bill) -> dict[str, Any]:
    seller = _party(bill.seller)
    if not bill.is_outside_vat:  # there a bill names no number of VAT (BR-O-02)
        number = bill.seller.vat_number
        seller |= {"vat_identifier": number} if number else {"tax_identifier": bill.seller.siren}
    if bill.seller.email:
        seller["contacts"] = [{"name": bill.seller.name, "email": bill.seller.email}]
    buyer = _party(bill.buyer)
    if bill.buyer.vat_number and not bill.is_outside_vat:
        buyer["vat_identifier"] = bill.buyer.vat_number
    return {"BG-4": seller, "BG-7": buyer}


def _party(party: Party) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": party.name, "country_code": "FR"} | _address(party.address)
    if party.siret:
        facts |= {
            "identifiers": {_SIRET: party.siret},
            "legal_identifier": party.siren,
            "legal_identifier_schemeid": _SIREN,
            "einvoicing_addr": party.siren,
            "einvoicing_addr_schemeid": _DIRECTORY,
        }
    return facts


def _address(typed: str) -> dict[str, str]:
    """Tell the lines of an address from its postcode and town, as far as they can be told."""
    lines = [each.strip() for each in typed.splitlines() if each.strip()]
    town = _TOWN.fullmatch(lines[-1]) if lines else None
    rest = lines[:-1] if town else lines
    found = dict(zip(("addr_l1", "addr_l2", "addr_l3"), [*rest[:2], ", ".join(rest[2:])], strict=False))
    if town:
        found |= {"postcode": town[1], "city": town[2]}
    return {name: value for name, value in found.items() if value}


def _payment(bill: Bill, said: Said) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "BT-20": said.terms,
        "BT-9": bill.due_on if bill.payable_cents else bill.issued_on,
    }
    account = bill.account
    if account.iban and bill.kind == Kind.INVOICE:
        facts |= {"BT-81": _TRANSFER, "BT-84": account.iban, "BT-85": account.holder, "BT-86": account.bic}
        facts["BT-83"] = account.reference
    return {name: value for name, value in facts.items() if value}


def _sums(bill: Bill, said: Said) -> dict[str, Any]:
    return {
        "BG-23": [_vat(parts, said) for parts in _by_category(bill)],
        "BT-106": _amount(bill.net_cents),
        "BT-109": _amount(bill.net_cents),
        "BT-110": _amount(bill.vat_cents),
        "BT-112": _amount(bill.cents),
        "BT-113": _amount(bill.paid_cents),
        "BT-115": _amount(bill.payable_cents),
    }


def _by_category(bill: Bill) -> list[list[VatPart]]:
    """Put what is exempt together, for whichever reasons: the standard wants one sum of it (BR-E-01)."""

    def category(part: VatPart) -> tuple[str, int]:
        return _category(part.regime), part.bp

    return [[*parts] for _, parts in groupby(sorted(bill.vat, key=category, reverse=True), category)]


def _category(regime: VatRegime) -> str:
    return _CATEGORIES.get(regime, _EXEMPT)


def _vat(parts: Sequence[VatPart], said: Said) -> dict[str, Any]:
    regime, bp = parts[0].regime, parts[0].bp
    facts = {
        "BT-116": _amount(sum(part.net_cents for part in parts)),
        "BT-117": _amount(sum(part.vat_cents for part in parts)),
        "BT-118": _category(regime),
    }
    if regime != VatRegime.OUT_OF_SCOPE:
        facts["BT-119"] = _percent(bp)
    if regime != VatRegime.STANDARD:
        facts["BT-120"] = " ; ".join(said.vat[part.regime] for part in parts)
    if regime in _REASONS and len(parts) == 1:
        facts["BT-121"] = _REASONS[regime]
    return facts


def _line(bill: Bill, said: Said, place: int) -> dict[str, Any]:
    """Write what is borne of something as one piece of it, at the price of that part: so it is exact to the cent."""
    line, net = bill.lines[place], _amount(bill.nets[place])
    name, description = said.lines[place]
    facts: dict[str, Any] = {
        "BT-126": str(place + 1),
        "BT-153": name,
        "BT-154": description,
        "BT-129": "1",
        "BT-130": _PIECE,
        "BT-131": net,
        "BT-134": line.on,
        "BT-135": line.on,
        "BT-146": net,
        "BT-151": _category(line.vat_regime),
    }
    if line.vat_regime != VatRegime.OUT_OF_SCOPE:
        facts["BT-152"] = _percent(line.vat_bp)
    return facts


def _amount(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _percent(bp: int) -> str:
    return f"{bp // 100}.{bp % 100:02d}"
