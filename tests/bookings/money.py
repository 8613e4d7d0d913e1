"""A small territory that reckons with money: places of two owners, three who share, and the PAT that helps."""

from datetime import date
from typing import Any

from app.accounts.models import Organisation, Role
from app.accounts.queries import load_actor
from app.bookings import service
from app.bookings.costs import Costs, find_costs
from app.bookings.models import Booking
from app.catalogue.models import Resource
from app.core.policy import Actor
from app.infra.db import db
from app.payments import service as payments
from app.payments.models import Envelope
from app.payments.queries import dues_of
from app.payments.splits.splitting import Role as ShareRole
from app.payments.tariffs.tariff import Meter, PeakHours, Tariff, TariffLine, VatRegime, When
from tests.bookings.pages import World
from tests.factories import a_coordinator, a_member, a_resource, a_site, an_organisation, span
from tests.payments.books import find_charges

THE_YEAR = date(2026, 1, 1), date(2027, 1, 1)


def tariff(*prices: tuple[Meter, int], lines: tuple[TariffLine, ...] = (), **facts: Any) -> Tariff:
    simple = tuple(TariffLine(meter, cents) for meter, cents in prices)
    return Tariff(simple + lines, VatRegime.FRANCHISE, **facts)


class MoneyWorld(World):
    """A kitchen at 12.00 the hour; money is on. `treasurer` keeps the accounts of who books."""

    def __init__(self, price: Tariff | None = None, **facts: Any) -> None:
        super().__init__(**facts)
        self.coordinator = load_actor(a_coordinator(self.territory).id)
        payments.switch_money(self.coordinator, self.territory.id, is_on=True)
        self.price(self.kitchen, price or tariff((Meter.HOUR, 1200)))
        self.pat = an_organisation(self.territory, name="PAT")
        self.friends = [an_organisation(self.territory, name=name) for name in ("Épicerie", "Graines")]
        self.treasurer_person = a_member(self.association, role=Role.TREASURER)
        self.treasurer = load_actor(self.treasurer_person.id)
        self.friend_people = [a_member(each, role=Role.TREASURER) for each in self.friends]
        self.friend_actors = [load_actor(each.id) for each in self.friend_people]

    def price(self, resource: Resource, terms: Tariff | None) -> None:
        payments.publish_tariff(Actor(is_platform_admin=True), resource.id, terms)

    def envelope(self, rate_bp: int = 4000, budget: int = 100_000, **terms: Any) -> Envelope:
        programme = payments.open_programme(
            payments.NewProgramme(self.territory.id, self.pat.id, "Logistique", rate_bp, **terms)
        )
        return payments.open_envelope(payments.NewEnvelope(programme.id, *THE_YEAR, budget))

    def booked(self, **facts: Any) -> Booking:
        return service.approve(self.ask(**facts).id, self.manager)

    def costs(self, booking: Booking) -> Costs:
        found = find_costs(booking)
        assert found is not None
        return found

    @staticmethod
    def actor_for(organisation: Organisation) -> Actor:
        """Give somebody who keeps the accounts of an organisation."""
        return load_actor(a_member(organisation, role=Role.TREASURER).id)

    def share(self, booking: Booking, kind: Any, *weights: int, **how: Any) -> None:
        """Share between who books and the friends, who all say yes."""
        ids = [self.association.id, *(each.id for each in self.friends)]
        parts = [payments.Part(who, weight) for who, weight in zip(ids, weights, strict=False)]
        asked = service.share_costs(booking.id, self.treasurer, kind, parts, **how)
        for friend, actor in zip(self.friends, self.friend_actors, strict=True):
            if friend.id in asked:
                service.answer_costs(booking.id, actor, friend.id, accepts=True)


def owed(booking: Booking) -> dict[tuple[str, str], int]:
    """Tell who owes whom how much for a booking, by their names."""
    found: dict[tuple[str, str], int] = {}
    for charge in find_charges("booking", booking.ref):
        for due in dues_of(charge.id):
            payer, payee = (
                db.session.get_one(Organisation, each).name for each in (due.payer_id, due.payee_id)
            )
            found[payer, payee] = due.cents - due.credited_cents
    return found


__all__ = [
    "Meter",
    "MoneyWorld",
    "PeakHours",
    "ShareRole",
    "TariffLine",
    "When",
    "a_resource",
    "a_site",
    "owed",
    "span",
    "tariff",
]
