"""Lets the past be charged and paid: what somebody finds in the accounts who looks at the demo for the first time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from app.accounts.models import LegalNature, Organisation
from app.bookings import service as bookings
from app.bookings.costs import waiting_for_measures
from app.bookings.models import Booking
from app.bookings.rules import APPROVED
from app.bookings.service.costs import charge
from app.core.money import MILLI
from app.demo.spec import Spec
from app.demo.world import World
from app.infra.db import db
from app.infra.uow import atomic
from app.notifications.quiet import quiet
from app.payments import service as payments
from app.payments.books.postings import Method, Pair
from app.payments.models import Charge, Due
from app.payments.tariffs.tariff import Meter

_CHARGED_AFTER: Final = timedelta(minutes=10)  # of the end
_PAID_AFTER: Final = timedelta(days=12)  # of being charged
_MORE: Final = 5000  # cents, paid in advance
_SIMULATED: Final = "paiement simulé"

Owed = dict[Pair, list[tuple[Due, datetime]]]  # with when it was charged
Keepers = Mapping[int, tuple[str, str]]  # by organisation: who keeps its accounts, and its key


def load_accounts(spec: Spec, world: World) -> None:
    """Charge what is over, use by use, and let what was charged weeks ago be paid. Nobody is told.

    Public bodies were paid what is old. The organisation that the demo is mostly about has paid one all of it, with
    something more; a private one was paid on line, rather by one that it owes nothing: two who owe each other may
    set that off.
    """
    keepers = {
        world.organisations[each.key]: (each.admins[0], each.key) for each in spec.structures if each.admins
    }
    payer_id = world.organisations[spec.sharing.organisations[0]]
    with atomic(durable=True), quiet():
        _charge(world)
        _measure(spec, world)
        owed = _owed(world)
        for pair, dues in owed.items():
            if pair.payer_id != payer_id and pair.payee_id in keepers and _is_public(pair.payee_id):
                _pay_what_is_old(pair, dues, keepers, world)
        private = [pair for pair in owed if not _is_public(pair.payee_id)]
        on_line = min(private, key=lambda pair: Pair(pair.payee_id, pair.payer_id) in owed, default=None)
        if on_line is not None:
            _pay_on_line(*owed[on_line][0], world)
        own = [
            pair
            for pair in owed
            if pair.payer_id == payer_id and pair.payee_id in keepers and pair != on_line
        ]
        for pair in own[:1]:
            cents = sum(due.owed_cents for due, _at in owed[pair])
            _note(pair, cents + _MORE, world.ago(24), keepers, world)


def _measure(spec: Spec, world: World) -> None:
    """Let the kilometres of most journeys be entered; the last one of each place still waits for that."""
    for key in spec.tariffs:
        manager = world.manager_of(key)
        if spec.things[key].kind == "vehicle":
            for number, booking in enumerate(waiting_for_measures(manager)[:-1]):
                bookings.measure_costs(booking.id, manager, {Meter.KM: (18 + 7 * number) * MILLI})


def _charge(world: World) -> None:
    """Charge each use of the demo's territory that is over, at its end; others beside it are none of our business."""
    over = select(Booking.id, Booking.end_at).where(
        Booking.territory_id == world.territory_id, Booking.decision == APPROVED, Booking.end_at < world.now
    )
    for booking_id, end_at in db.session.execute(over.order_by(Booking.end_at, Booking.id)).all():
        with world.at(end_at + _CHARGED_AFTER):
            world.counts["charges"] += charge(booking_id) is not None


def _owed(world: World) -> Owed:
    """Read what is owed in the demo's territory, by pair, the oldest first."""
    found: Owed = {}
    rows = db.session.execute(
        select(Due, Charge.posted_at)
        .join(Charge, Charge.id == Due.charge_id)
        .where(Charge.territory_id == world.territory_id)
        .order_by(Due.id)
    )
    for due, posted_at in rows:
        found.setdefault(Pair(due.payer_id, due.payee_id), []).append((due, posted_at))
    return found


def _pay_what_is_old(pair: Pair, dues: list[tuple[Due, datetime]], keepers: Keepers, world: World) -> None:
    old = [(due.owed_cents, posted_at) for due, posted_at in dues if posted_at + _PAID_AFTER < world.now]
    if old:
        _note(pair, sum(cents for cents, _at in old), old[-1][1] + _PAID_AFTER, keepers, world)


def _pay_on_line(due: Due, posted_at: datetime, world: World) -> None:
    """Write down a payment by card as it would have been told, with its fee; nobody was really asked."""
    with world.at(posted_at + _PAID_AFTER):
        paid = payments.record_payment(
            f"demo:{due.public_id}", [due.id], due.owed_cents, Method.CARD, reference=_SIMULATED
        )
        payments.fee(f"demo:{due.public_id}", paid.id, 25 + due.cents * 15 // 1000)
        world.counts["payments"] += 1


def _is_public(organisation_id: int) -> bool:
    return db.session.get_one(Organisation, organisation_id).legal_nature == LegalNature.PUBLIC


def _note(pair: Pair, cents: int, at: datetime, keepers: Keepers, world: World) -> None:
    """Let the payee note a transfer."""
    with world.at(at) as when:
        came = payments.Came(cents, Method.TRANSFER, when, f"VIR {when:%d%m%Y}")
        key = f"demo:{pair.payer_id}:{pair.payee_id}"
        payments.note_payment(world.actor(*keepers[pair.payee_id]), pair, came, key)
        world.counts["payments"] += 1
