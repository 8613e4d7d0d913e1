"""Taking lines of a bank statement in, noting what they are, and forgetting the others."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, update

from app.accounts.models import Organisation
from app.core import clock
from app.core.errors import NotFound
from app.core.ids import new_public_id
from app.core.money import EUR
from app.core.policy import Actor, require
from app.infra.db import db
from app.infra.uow import atomic
from app.payments.bank.files import Credit
from app.payments.books.postings import EntryKind, Method, Pair
from app.payments.models import BankLine, BankLineState, LedgerEntry, Payment
from app.payments.policy import MoneyPermission
from app.payments.queries import open_dues
from app.payments.service.locks import add_if_new
from app.payments.service.noting import Came, note_payment

KEPT: Final = timedelta(days=180)  # lines that nobody said anything about
KEPT_NOTED: Final = timedelta(days=42)  # those that were noted: a mistake is found within some weeks


def take_in(actor: Actor, organisation_id: int, lines: Iterable[Credit]) -> int:
    """Take lines in, each once however often its file comes; give the number of those that wait now. Raise Forbidden.

    What was put aside and comes again waits again: its file is how a line put aside by mistake comes back.
    """
    seen: Counter[str] = Counter()
    with atomic() as session:
        require(actor, MoneyPermission.KEEP_ACCOUNTS, session.get(Organisation, organisation_id))
        added = 0
        for each in lines:
            said = f"{organisation_id}|{each.day}|{each.cents}|{each.currency}|{each.text}|{each.name}"
            seen[said] += 1  # two lines that say the same on one day are two
            key = sha256(f"{said}|{seen[said]}".encode()).hexdigest()
            row = {
                "public_id": new_public_id(), "organisation_id": organisation_id, "state": BankLineState.NEW,
                "imported_at": clock.now(), "imported_by_id": actor.person_id, **vars(each),
            }  # fmt: skip
            if each.currency == EUR:
                added += add_if_new(BankLine, {"key": key}, row) or _waits_again(key, each)
    return added


def _waits_again(key: str, said: Credit) -> bool:
    """Let a line that was put aside wait again, with what its file says; tell whether it was."""
    found = select(BankLine).filter_by(key=key, state=BankLineState.IGNORED).with_for_update()
    line = db.session.scalar(found, execution_options={"populate_existing": True})
    if line is None:
        return False
    line.state, line.text, line.name, line.imported_at = BankLineState.NEW, said.text, said.name, clock.now()
    return True


def note_line(actor: Actor, line_id: int, payer_id: int, due_ref: str = "") -> Payment:
    """Note a line as what an organisation paid, for one due or for what is owed; nothing the second time.

    What was noted as somebody else's and taken back is noted anew, under a key of its own. Raise NotFound, Forbidden.
    """
    with atomic(durable=True) as session:
        line = _locked(actor, line_id)
        if line.state == BankLineState.NOTED and line.payment_id:
            return session.get_one(Payment, line.payment_id)
        pair = Pair(payer_id, line.organisation_id)
        due_id = next((due.id for due in open_dues(pair) if due.public_id == due_ref), None)
        zone = ZoneInfo(session.get_one(Organisation, line.organisation_id).territory.timezone)
        at = datetime.combine(line.day, time(12), zone)
        reference = line.text[:120]
        key = f"bank:{line.public_id}" + (f":{line.payment_id}" if line.payment_id else "")
        made = note_payment(actor, pair, Came(line.cents, Method.TRANSFER, at, reference, due_id), key)
        line.payment_id, line.state = made.id, BankLineState.NOTED
        session.flush()
    return made


def ignore_line(actor: Actor, line_id: int) -> None:
    """Say that a line is nothing of ours: what it says is forgotten. Raise NotFound, Forbidden."""
    with atomic():
        line = _locked(actor, line_id)
        if line.state == BankLineState.NEW:
            line.state, line.text, line.name = BankLineState.IGNORED, "", ""


def forget_lines() -> None:
    """Forget what lines say about which nobody said anything for half a year, and that were noted some weeks ago."""
    now = clock.now()
    old = BankLine.state == BankLineState.NEW, BankLine.imported_at < now - KEPT
    stands = select(LedgerEntry.payment_id).where(
        LedgerEntry.kind == EntryKind.PAYMENT, LedgerEntry.at < now - KEPT_NOTED
    )
    noted = BankLine.state == BankLineState.NOTED, BankLine.payment_id.in_(stands)
    says = or_(BankLine.text != "", BankLine.name != "")
    with atomic() as session:
        session.execute(update(BankLine).where(*old).values(state=BankLineState.IGNORED, text="", name=""))
        session.execute(update(BankLine).where(*noted, says).values(text="", name=""))


def _locked(actor: Actor, line_id: int) -> BankLine:
    rows = select(BankLine).filter_by(id=line_id).with_for_update()
    line = db.session.scalar(rows, execution_options={"populate_existing": True})
    if line is None:
        raise NotFound(bank_line=line_id)
    require(actor, MoneyPermission.KEEP_ACCOUNTS, db.session.get(Organisation, line.organisation_id))
    return line
