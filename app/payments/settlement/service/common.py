"""What all settling does alike: who may, locking, and writing it into the books."""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

from sqlalchemy import select

from app.accounts.models import LegalNature, Organisation
from app.core.errors import NotFound
from app.core.money import WHOLE_BP, Money
from app.core.policy import Actor, require
from app.infra import audit
from app.infra.db import db
from app.payments.books.postings import SETTLEMENT, Method, Pair
from app.payments.policy import MoneyPermission
from app.payments.service import NewCharge, NewLine, post_charge, record_payment
from app.payments.service.locks import lock_pairs
from app.payments.settlement.errors import PublicDebts
from app.payments.settlement.models import Settlement, SettlementParty, SettlementTransfer
from app.payments.settlement.queries import offset_key
from app.payments.splits.splitting import Share, Split
from app.payments.tariffs.pricing import PricedLine
from app.payments.tariffs.tariff import Meter, Tariff, TariffLine, VatRegime, When

# What is owed in the place of other debts is no supply: those were charged, with their VAT where there is any.
_NO_SUPPLY = Tariff((TariffLine(Meter.FLAT, 1),), VatRegime.OUT_OF_SCOPE)


def keeping(actor: Actor, organisation_id: int) -> Organisation:
    """Get the organisation whose accounts the actor keeps; raise NotFound, Forbidden."""
    found = db.session.get(Organisation, organisation_id)
    if found is None:
        raise NotFound(organisation=organisation_id)
    require(actor, MoneyPermission.KEEP_ACCOUNTS, found)
    return found


def refuse_public(organisations: Iterable[Organisation]) -> None:
    """Raise PublicDebts where one is a public body."""
    for each in organisations:
        if each.legal_nature == LegalNature.PUBLIC:
            raise PublicDebts(name=each.name)


def lock_settlement(
    settlement_id: int, actor: Actor, organisation_id: int
) -> tuple[Settlement, SettlementParty]:
    """Get a settlement that nobody else answers meanwhile, and the party whose accounts the actor keeps.

    Its row comes before its pairs. Raise NotFound, Forbidden.
    """
    settlement = locked(settlement_id)
    party = settlement.party(organisation_id)
    if party is None:
        raise NotFound(kind="settlement")
    require(actor, MoneyPermission.KEEP_ACCOUNTS, party.organisation)
    return settlement, party


def locked(settlement_id: int) -> Settlement:
    """Get a settlement that nobody else changes meanwhile; raise NotFound."""
    rows = select(Settlement).filter_by(id=settlement_id).with_for_update()
    found = db.session.scalar(rows, execution_options={"populate_existing": True})
    if found is None:
        raise NotFound(kind="settlement")
    for each in found.parties:
        db.session.refresh(each)
    return found


def lock_what_moves(settlement: Settlement) -> None:
    """Wait until nobody else changes what is owed and paid between the parties of a settlement."""
    owed = [Pair(each.payer_id, each.payee_id) for each in settlement.transfers]
    lock_pairs([*settlement.pairs(), *owed])


def write(settlement: Settlement) -> None:
    """Set off all that is settled, and let what remains be owed. Whoever calls has locked what moves.

    Each organisation's account of what is set off comes to nothing: it is what its debts come to, less what its
    transfers come to.
    """
    by_pair: dict[Pair, dict[int, int]] = defaultdict(dict)
    for each in settlement.dues:
        by_pair[Pair(each.due.payer_id, each.due.payee_id)][each.due_id] = each.cents
    for pair, parts in sorted(by_pair.items()):
        key, cents = offset_key(settlement, pair), sum(parts.values())
        record_payment(key, parts, cents, Method.OFFSET, settlement=settlement.public_id)
    if settlement.transfers:
        post_charge(_taken_over(settlement))


def _taken_over(settlement: Settlement) -> NewCharge:
    ref, currency = settlement.public_id, settlement.currency
    lines = tuple(_line(settlement, each) for each in settlement.transfers)
    shares = tuple(
        Share(line.key, each.payee_id, each.payer_id, each.cents)
        for line, each in zip(lines, settlement.transfers, strict=True)
    )
    return NewCharge(
        f"{SETTLEMENT}:{ref}", settlement.territory_id, settlement.begun_for_id, SETTLEMENT, ref, lines,
        Split(shares, currency),
    )  # fmt: skip


def _line(settlement: Settlement, transfer: SettlementTransfer) -> NewLine:
    cents = Money(transfer.cents, settlement.currency).cents
    whole = PricedLine(
        settlement.public_id, Meter.FLAT, When.ALWAYS, Fraction(cents), 1, WHOLE_BP, cents, cents,
        VatRegime.OUT_OF_SCOPE, 0,
    )  # fmt: skip
    return NewLine(f"{SETTLEMENT}:{settlement.public_id}/{transfer.id}", transfer.payee_id, whole, _NO_SUPPLY)


def note(settlement: Settlement, act: str, actor: Actor, **facts: str | int) -> None:
    """Write what happened into the history of every party."""
    for party in settlement.parties:
        audit.record(
            "organisation", party.organisation_id, act, actor,
            territory_id=settlement.territory_id, settlement=settlement.public_id, **facts,
        )  # fmt: skip
