"""What is the case at the played Stripe, and what payers, banks and time do there."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any, Final

from app.core import clock
from app.payments.stripe.fake import objects
from app.payments.stripe.fake.annotations import check_object
from app.payments.stripe.fake.kinds import KINDS
from app.payments.stripe.fake.objects import Thing
from app.payments.stripe.gateway import API_VERSION

CARD_FEE_BP, CARD_FEE_CENTS, DEBIT_FEE_CENTS, DISPUTE_FEE_CENTS = 150, 25, 35, 2000


class Unable(Exception):
    """Stripe would say no: its code, as in its answers."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class World:
    """All things by id, each with its account; the events not sent yet; what was answered to which key."""

    things: dict[str, Thing] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    events: list[Thing] = field(default_factory=list)
    answered: dict[str, list[Any]] = field(default_factory=dict)
    doomed: list[str] = field(default_factory=list)  # pages whose direct debit the bank will refuse
    paid_out: dict[str, list[str]] = field(default_factory=dict)  # lines of balances, by payout
    drawn: int = 0

    def name(self, prefix: str) -> str:
        """Draw an id."""
        self.drawn += 1
        return f"{prefix}_{self.drawn:016d}"

    def add(self, owner: str, thing: Thing) -> Thing:
        """Put a thing in the world, if the library's types say that there is such a thing."""
        check_object(KINDS[thing["object"]], thing)
        self.things[thing["id"]], self.owners[thing["id"]] = thing, owner
        return thing

    def get(self, owner: str, name: str, kind: str = "") -> Thing:
        """Find a thing of an account; others do not exist for it."""
        found = self.things.get(name)
        if found is None or self.owners[name] != owner or (kind and found["object"] != kind):
            raise Unable("resource_missing")
        return found

    def all(self, owner: str, kind: str) -> list[Thing]:
        """List the things of a kind of an account, newest first."""
        mine = [
            thing
            for name, thing in self.things.items()
            if self.owners[name] == owner and thing["object"] == kind
        ]
        return mine[::-1]

    def tell(self, kind: str, about: Thing) -> None:
        """Write an event, with the thing as it is now; whoever delivers it may do so late, twice, or never."""
        owner = about["id"] if about["object"] == "account" else self.owners[about["id"]]
        copy = json.loads(json.dumps(about))
        made = objects.event(self.name("evt"), clock.epoch(), kind, owner, copy, API_VERSION)
        check_object(KINDS["event"], made)
        self.events.append(made)

    # -- payees -----------------------------------------------------------------------------------------------

    def complete_account(self, name: str) -> None:
        """Let a payee answer everything that is asked."""
        payee = self.get("", name, "account")
        payee.update(
            charges_enabled=True,
            payouts_enabled=True,
            details_submitted=True,
            requirements={"currently_due": []},
        )
        self.tell("account.updated", payee)

    # -- payers and their banks -------------------------------------------------------------------------------

    def pay(self, page_id: str, method: str = "card") -> Thing:
        """Let somebody pay on a page: a card at once, a direct debit is on its way for days."""
        page = self._open_page(page_id)
        owner = self.owners[page_id]
        begun = self.add(owner, objects.intent(self.name("pi"), clock.epoch(), page, method))
        page.update(status="complete", payment_intent=begun["id"], url=None)
        if method == "card":
            self._succeed(begun)
            page["payment_status"] = "paid"
        self.tell("checkout.session.completed", page)
        return begun

    def _open_page(self, page_id: str) -> Thing:
        page = self.things[page_id]
        self.pass_time(page)
        if page["status"] != "open":
            raise Unable("session_not_open")
        return page

    def _succeed(self, paid: Thing) -> None:
        made = self.add(self.owners[paid["id"]], objects.charge(self.name("ch"), clock.epoch(), paid))
        paid.update(status="succeeded", amount_received=paid["amount"], latest_charge=made["id"])

    def pass_time(self, page: Thing) -> None:
        """Let a page that was open for too long expire."""
        if page["status"] == "open" and clock.epoch() >= page["expires_at"]:
            self.expire(page)

    def expire(self, page: Thing) -> None:
        """Close a page."""
        if page["status"] != "open":
            raise Unable("session_not_open")
        page.update(status="expired", url=None)
        self.tell("checkout.session.expired", page)

    def book(self, intent_id: str) -> None:
        """Let the payment appear on the payee's balance, with its fee: that is often some seconds after it."""
        paid = self.things[intent_id]
        made = self.things[paid["latest_charge"]]
        is_card = paid["payment_method_types"] == ["card"]
        fee = (
            (paid["amount"] * CARD_FEE_BP + 5_000) // 10_000 + CARD_FEE_CENTS if is_card else DEBIT_FEE_CENTS
        )
        made["balance_transaction"] = self.book_line(made, "charge", paid["amount"], fee)["id"]
        self.tell("charge.updated", made)

    def book_line(self, source: Thing, kind: str, cents: int, fee: int = 0) -> Thing:
        """Write a line on the payee's balance."""
        line = objects.booked(
            self.name("txn"), clock.epoch(), kind, source["id"], cents, fee, source["currency"]
        )
        return self.add(self.owners[source["id"]], line)

    def end_debit(self, page_id: str, *, succeeds: bool) -> None:
        """Let the payer's bank answer a direct debit."""
        page = self.things[page_id]
        begun = self.things[page["payment_intent"]]
        if succeeds:
            self._succeed(begun)
            self.book(begun["id"])
            page["payment_status"] = "paid"
        else:
            begun["status"] = "requires_payment_method"
        self.tell(f"checkout.session.async_payment_{'succeeded' if succeeds else 'failed'}", page)

    def end_refund(self, name: str, *, succeeds: bool) -> None:
        """Let a refund arrive, or come back."""
        given = self.things[name]
        given.update(
            {"status": "succeeded"}
            if succeeds
            else {"status": "failed", "failure_reason": "lost_or_stolen_card"}
        )
        if not succeeds:
            self.book_line(given, "refund_failure", given["amount"])
        self.tell("refund.updated" if succeeds else "refund.failed", given)

    def dispute(self, intent_id: str, status: str = "needs_response") -> Thing:
        """Let the payer's bank take a payment back, or only ask (a warning)."""
        paid = self.things[intent_id]
        made = self.add(self.owners[intent_id], objects.dispute(self.name("du"), clock.epoch(), paid, status))
        if not status.startswith("warning"):
            made["balance_transactions"] = [
                self.book_line(made, "adjustment", -paid["amount"], DISPUTE_FEE_CENTS)
            ]
        self.tell("charge.dispute.created", made)
        return made

    def end_dispute(self, name: str, *, is_won: bool) -> None:
        """Let it be decided."""
        made = self.things[name]
        made["status"] = "won" if is_won else "lost"
        if is_won:
            made["balance_transactions"].append(self.book_line(made, "adjustment", made["amount"]))
        self.tell("charge.dispute.closed", made)

    def sell(self, account_id: str, cents: int) -> None:
        """Let the payee be paid elsewhere, by a way of their own."""
        paid: Thing = {
            "id": None, "amount": cents, "currency": "eur", "metadata": {}, "payment_method_types": ["card"],
        }  # fmt: skip
        made = self.add(account_id, objects.charge(self.name("ch"), clock.epoch(), paid))
        made["balance_transaction"] = self.book_line(made, "charge", cents)["id"]

    def pay_out(self, account_id: str, cents: int, *, is_automatic: bool = True) -> Thing:
        """Send money to the payee's bank: where that happens by itself, all that is on their balance."""
        made = self.add(account_id, objects.payout(self.name("po"), clock.epoch(), cents))
        made.update({} if is_automatic else {"automatic": False, "reconciliation_status": "not_applicable"})
        gone = {name for names in self.paid_out.values() for name in names}
        there = [line["id"] for line in self.all(account_id, "balance_transaction")]
        self.paid_out[made["id"]] = [name for name in there if name not in gone] if is_automatic else []
        self.tell("payout.created", made)
        return made

    def end_payout(self, name: str, *, succeeds: bool) -> None:
        """Let it arrive, or be sent back."""
        made = self.things[name]
        made["status"] = "paid" if succeeds else "failed"
        if made["automatic"]:
            made["reconciliation_status"] = "completed"
        self.tell("payout.paid" if succeeds else "payout.failed", made)


class Memory:
    """A world for one process: tests."""

    def __init__(self) -> None:
        self.world = World()

    @contextmanager
    def open(self) -> Iterator[World]:
        """Give the world."""
        yield self.world


class Shelf:
    """A world in a file, for the processes of a demo: one at a time has it."""

    FILE: Final = "stripe-simulation.json"

    def __init__(self, folder: Path) -> None:
        self._path = folder / self.FILE

    @contextmanager
    def open(self) -> Iterator[World]:
        """Give the world, and keep what was done to it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            flock(lock, LOCK_EX)
            world = World(**json.loads(self._path.read_text())) if self._path.exists() else World()
            yield world
            draft = self._path.with_suffix(".draft")
            draft.write_text(json.dumps(asdict(world)))
            draft.replace(self._path)
