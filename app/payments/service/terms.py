"""Saying how an organisation is paid."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from app.accounts.models import LegalNature, Organisation
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor, require
from app.infra import audit
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.payments.bank import numbers as banking
from app.payments.books.postings import Method
from app.payments.errors import BadPayeeTerms
from app.payments.events import PayeeTermsChanged
from app.payments.models import PayeeTerms
from app.payments.policy import MoneyPermission

# What says where the money of payers goes, and who is asked about it: whoever takes an account over would change it.
TOLD: Final = ("legal_name", "holder", "iban", "address", "payfip_url", "contact_email")
PAYFIP = ("https://www.payfip.gouv.fr/", "https://www.tipi.budget.gouv.fr/", "https://payfip.gouv.fr/")


@dataclass(frozen=True)
class Terms:
    """What is said of being paid, as it was typed. An empty account number leaves the present one."""

    legal_name: str
    address: str
    methods: tuple[Method, ...]
    siret: str = ""
    vat_number: str = ""
    vat_regime: str = ""
    holder: str = ""
    iban: str = ""
    bic: str = ""
    payfip_url: str = ""
    contact_email: str = ""
    note: str = ""


def say_terms(actor: Actor, organisation_id: int, typed: Terms) -> PayeeTerms:
    """Say how an organisation is paid. Whatever changes of where money goes is told to who was to be asked before.

    Raise NotFound, Forbidden, BadPayeeTerms.
    """
    with atomic() as session:
        organisation = session.get(Organisation, organisation_id, with_for_update={"key_share": True})
        if organisation is None:
            raise NotFound(organisation=organisation_id)
        require(actor, MoneyPermission.KEEP_ACCOUNTS, organisation)
        row = session.get(PayeeTerms, organisation_id)
        before, told = row.iban if row else "", _told(row)
        terms = _compact(typed, before)
        for error in _wrong_with(terms, is_public=organisation.legal_nature == LegalNature.PUBLIC):
            raise error
        if row is None:
            row = PayeeTerms(organisation_id=organisation_id)
            session.add(row)
        for name, value in asdict(terms).items():
            setattr(row, name, list(value) if name == "methods" else value)
        row.changed_at, row.changed_by_id = clock.now(), actor.person_id
        _note(actor, organisation, told, _told(row), is_other_iban=terms.iban != before)
        session.flush()
    return row


def _compact(typed: Terms, present_iban: str) -> Terms:
    return replace(
        typed,
        legal_name=typed.legal_name.strip(),
        address=typed.address.strip(),
        siret=banking.compact(typed.siret),
        vat_number=banking.compact(typed.vat_number),
        holder=typed.holder.strip(),
        iban=banking.compact(typed.iban) or present_iban,
        bic=banking.compact(typed.bic),
        payfip_url=typed.payfip_url.strip(),
        contact_email=typed.contact_email.strip(),
        note=typed.note.strip(),
    )


def wrong_with(organisation: Organisation, typed: Terms) -> list[BadPayeeTerms]:
    """List all that is wrong with what was typed, so that nobody is told one thing after the other."""
    row = db.session.get(PayeeTerms, organisation.id)
    terms = _compact(typed, row.iban if row else "")
    return _wrong_with(terms, is_public=organisation.legal_nature == LegalNature.PUBLIC)


def _wrong_with(terms: Terms, *, is_public: bool) -> list[BadPayeeTerms]:
    """List what no bank or register would know, and ways that lack what they need."""
    wrong = {
        "siret": terms.siret and not banking.is_siret(terms.siret),
        "vat_number": terms.vat_number and not banking.is_vat_number(terms.vat_number),
        "iban": terms.iban and not banking.is_iban(terms.iban),
        "bic": terms.bic and not banking.is_bic(terms.bic),
        "payfip_url": terms.payfip_url and not terms.payfip_url.startswith(PAYFIP),
    }
    lacking = {
        "legal_name": not terms.legal_name,
        "iban": Method.TRANSFER in terms.methods and not terms.iban,
        "address": Method.CHEQUE in terms.methods and not terms.address,
        "payfip_url": Method.PAYFIP in terms.methods and not terms.payfip_url,
    }
    found = [BadPayeeTerms(field=field, reason="wrong") for field, is_wrong in wrong.items() if is_wrong]
    found += [BadPayeeTerms(field=field, reason="lacking") for field, lacks in lacking.items() if lacks]
    if is_public and Method.CASH in terms.methods:
        found.append(BadPayeeTerms(field="methods", reason="public_cash"))
    return found


def _told(row: PayeeTerms | None) -> dict[str, str]:
    """Give what of being paid says where the money goes, as it may be told."""
    if row is None:
        return dict.fromkeys(TOLD, "")
    return {name: getattr(row, name) for name in TOLD} | {"iban": banking.masked(row.iban)}


def _note(
    actor: Actor,
    organisation: Organisation,
    old: Mapping[str, str],
    new: Mapping[str, str],
    *,
    is_other_iban: bool,
) -> None:
    """Write down which fields changed, and tell it; two account numbers may look the same once they are masked."""
    changed = [name for name in TOLD if old[name] != new[name] or (name == "iban" and is_other_iban)]
    act = "iban_changed" if is_other_iban else "payee_terms"
    facts: dict[str, Any] = {"before": old["iban"], "after": new["iban"]} if is_other_iban else {}
    about = {"territory_id": organisation.territory_id}
    audit.record("organisation", organisation.id, act, actor, **about, fields=changed, **facts)
    if changed:
        changes = tuple((name, old[name], new[name]) for name in changed)
        contacts = tuple(dict.fromkeys(each for each in (old["contact_email"], organisation.email) if each))
        whose = organisation.id, organisation.name, organisation.slug, actor.person_id
        emit(PayeeTermsChanged(*whose, changes, contacts))
