"""From events to jobs, as `listeners`: what is to be known of debts that are set off, or settled with several."""

from collections.abc import Iterable
from typing import Any

from app.accounts import queries as people
from app.infra.db import db
from app.infra.events import listens
from app.notifications import queries
from app.notifications.telling import write_to_each
from app.payments.queries import has_money
from app.payments.settlement.events import (
    DebtsSetOff,
    SetOffUndone,
    SettlementEnded,
    SettlementEvent,
    SettlementPosted,
    SettlementProposed,
)
from app.payments.settlement.models import Settlement

Amounts = list[list[Any]]  # of pairs (name, cents), as JSON has them


@listens(DebtsSetOff)
def on_set_off(event: DebtsSetOff) -> None:
    """Tell the other of the two: the law asks that it is told."""
    _tell_the_other("debts_set_off", event)


@listens(SetOffUndone)
def on_undone(event: SetOffUndone) -> None:
    """Tell the other of the two that both owe again."""
    _tell_the_other("set_off_undone", event)


@listens(SettlementProposed)
def on_proposal(event: SettlementProposed) -> None:
    """Ask all parties but the one who proposes."""
    _tell_all("settlement_proposed", event)


@listens(SettlementPosted)
def on_posted(event: SettlementPosted) -> None:
    """Tell all parties what they owe now."""
    _tell_all("settlement_posted", event)


@listens(SettlementEnded)
def on_ended(event: SettlementEnded) -> None:
    """Tell all parties that it came to nothing, and why."""
    _tell_all("settlement_ended", event)


def _tell_the_other(letter: str, event: SettlementEvent) -> None:
    made = db.session.get_one(Settlement, event.settlement_id)
    for party in made.parties:
        if party.organisation_id != event.organisation_id:
            _tell(letter, made, event, party.organisation_id)


def _tell_all(letter: str, event: SettlementEvent) -> None:
    made = db.session.get_one(Settlement, event.settlement_id)
    for party in made.parties:
        _tell(letter, made, event, party.organisation_id)


def _tell(letter: str, made: Settlement, event: SettlementEvent, organisation_id: int) -> None:
    """Write to who keeps the accounts of a party, save whoever did it; of amounts it reads its own alone."""
    names = {each.organisation_id: each.organisation.name for each in made.parties}
    mine, doer = made.party(organisation_id), made.party(event.organisation_id or 0)
    keepers = [each for each in queries.who_keeps_accounts(organisation_id) if each.id != event.actor_id]
    if mine is None or not has_money(made.territory_id):
        return
    debts = [(*pair, cents) for pair, cents in made.pairs().items()]
    transfers = [(each.payer_id, each.payee_id, each.cents) for each in made.transfers]
    write_to_each(
        letter,
        people.readers(keepers),
        ref=made.public_id,
        slug=mine.organisation.slug,
        organisation=mine.organisation.name,
        by=doer.organisation.name if doer else "",
        parties=[name for number, name in names.items() if number != organisation_id],
        state=made.state,
        reason=made.reason,
        until=made.expires_at.isoformat() if made.expires_at else "",
        timezone=mine.organisation.territory.timezone,
        before=_parts(organisation_id, debts, names),
        after=_parts(organisation_id, transfers, names),
    )


def _parts(
    organisation_id: int, rows: Iterable[tuple[int, int, int]], names: dict[int, str]
) -> dict[str, Amounts]:
    """List what an organisation pays and receives of all that goes between parties."""
    found: dict[str, Amounts] = {"pays": [], "receives": []}
    for payer_id, payee_id, cents in rows:
        if payer_id == organisation_id:
            found["pays"].append([names[payee_id], cents])
        elif payee_id == organisation_id:
            found["receives"].append([names[payer_id], cents])
    return found
