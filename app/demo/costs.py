"""Stages a cost that is shared: three associations cook together, and the coordination's budget helps to pay."""

from datetime import date, timedelta
from typing import Final

from app.availability.askers import Asker
from app.availability.queries import Wish, verdict
from app.bookings import service as bookings
from app.bookings.models import Booking
from app.bookings.rules import PENDING
from app.core.span import Span
from app.demo.spec import Sharing, Spec
from app.demo.world import World, span_of
from app.infra.uow import atomic
from app.notifications.quiet import quiet
from app.payments import service as payments
from app.payments.books.postings import Method
from app.payments.deposits.rules import Occasion
from app.payments.deposits.service import say_deposit
from app.payments.splits.keys import KeyKind
from app.payments.tariffs.tariff import Meter, PeakHours, Tariff, TariffLine, VatRegime, When

WEEKDAYS: Final = frozenset(range(5))


def load_budget(spec: Spec, world: World) -> None:
    """Open the programme that helps to pay what is asked for from then on, and give it a budget. Nobody is told."""
    sharing = spec.sharing
    with atomic(durable=True), quiet(), world.at(world.ago(sharing.hours_ago)):
        _open_budget(sharing, world)


def load_costs(spec: Spec, world: World) -> None:
    """Set a price, and share one booking. Nobody is told."""
    sharing = spec.sharing
    with atomic(durable=True), quiet():
        with world.at(world.ago(sharing.hours_ago)):
            manager = world.manager_of(sharing.resource)
            payments.publish_tariff(manager, world.resources[sharing.resource], _tariff(sharing))
            resource_id = world.resources[sharing.resource]
            say_deposit(manager, resource_id, sharing.deposit_cents, Occasion.EACH, ["P0"])
            booking = _ask(sharing, world)
        if booking is None:
            world.dropped["story"] += 1
            return
        world.counts["stories"] += 1
        _share(sharing, booking, world)


def _tariff(sharing: Sharing) -> Tariff:
    """Write the price by the hour: one for working hours, one for the others."""
    lines = (
        TariffLine(Meter.HOUR, sharing.peak_cents, when=When.PEAK),
        TariffLine(Meter.HOUR, sharing.off_peak_cents, when=When.OFF_PEAK),
    )
    return Tariff(lines, VatRegime.STANDARD, 2000, peaks=(PeakHours(8 * 60, 18 * 60, WEEKDAYS),))


def _open_budget(sharing: Sharing, world: World) -> None:
    """Give the programme a budget for this calendar year and, so that it does not end tomorrow, the next."""
    programme = payments.open_programme(
        payments.NewProgramme(
            world.territory_id, world.organisations[sharing.payer], sharing.programme, sharing.rate_bp
        )
    )
    start = date(world.today.year, 1, 1)
    end = date(world.today.year + 2, 1, 1)
    payments.open_envelope(payments.NewEnvelope(programme.id, start, end, sharing.budget_cents))


def _ask(sharing: Sharing, world: World) -> Booking | None:
    organisation, resource = world.organisations[sharing.organisations[0]], world.resources[sharing.resource]
    for number in range(sharing.from_day, sharing.to_day + 1):
        day = world.today + timedelta(days=number)
        slot = _slot(day, sharing)
        if not verdict(Wish(resource, slot, sharing.quantity, Asker(organisation))):
            wanted = bookings.Request(
                resource, organisation, slot, sharing.quantity, sharing.purpose, sharing.people
            )
            actor = world.actor(sharing.keepers[0], sharing.organisations[0])
            return bookings.ask(wanted, actor, uid_host=world.uid_host)
    return None


def _slot(day: date, sharing: Sharing) -> Span:
    return span_of(day, sharing.start, sharing.end)


def _share(sharing: Sharing, booking: Booking, world: World) -> None:
    """Let it be accepted, shared in equal parts, and agreed to by those whose keepers are named; the others wait.

    The deposit that the place asks for is handed over with that, as a cheque.
    """
    with world.at(world.ago(sharing.hours_ago / 2)):
        if booking.decision == PENDING:
            bookings.approve(booking.id, world.manager_of(sharing.resource))
        ids = [world.organisations[each] for each in sharing.organisations]
        parts = [payments.Part(each, 1) for each in ids]
        bookings.share_costs(booking.id, world.actor(sharing.keepers[0]), KeyKind.EQUAL, parts)
        for organisation, keeper in zip(ids[1:], sharing.keepers[1:], strict=False):
            bookings.answer_costs(booking.id, world.actor(keeper), organisation, accepts=True)
        bookings.receive_deposit(booking.id, world.manager_of(sharing.resource), Method.CHEQUE)
