"""Run beside a server, on its database: two vehicles of two associations were driven together two days ago.

`python -m tests.browser.yesterday` prints the reference of the request, whose kilometres nobody has entered yet.
"""

from datetime import timedelta

from sqlalchemy import select

from app import create_app
from app.accounts.models import Organisation, Person
from app.accounts.queries import load_actor
from app.availability.queries import Wish, verdict
from app.bookings import service as bookings
from app.bookings.rules import PENDING
from app.bookings.service import Leg
from app.catalogue.models import Resource
from app.core import clock
from app.core.policy import Actor
from app.core.span import Span
from app.infra.db import db
from app.infra.uow import atomic
from app.notifications.quiet import quiet
from app.payments import service as payments
from app.payments.tariffs.tariff import Meter, Tariff, TariffLine, VatRegime

VEHICLES = ("fourgon-isotherme-12-m3-1-200-kg", "velo-cargo-cuisine-mobile")
ASKER, WHO = "epicerie-solidaire-le-panier-commun", "epicerie@demo.example"
KM = Tariff((TariffLine(Meter.KM, 50),), VatRegime.EXEMPT)
CONFIRMED = 10  # years of a driver's licence


def main() -> None:
    """Let them be asked for, accepted and driven."""
    with create_app().app_context(), quiet():
        now = clock.now()
        with atomic(), clock.stopped(now - timedelta(days=40)):
            vehicles = [db.session.scalars(select(Resource).filter_by(slug=slug)).one() for slug in VEHICLES]
            for each in vehicles:
                payments.publish_tariff(Actor(is_platform_admin=True), each.id, KM)
        with atomic(), clock.stopped(now - timedelta(days=30)):
            asker = db.session.scalars(select(Organisation).filter_by(slug=ASKER)).one()
            person = db.session.scalars(select(Person).filter_by(email=WHO)).one()
            wanted = bookings.BundleRequest(asker.id, _free(vehicles), "Tournée du marché", 2)
            made = bookings.ask_bundle(wanted, load_actor(person.id), uid_host="localhost")
            for leg in made.legs:
                if leg.decision == PENDING:
                    site = leg.resource.site_id
                    bookings.approve(leg.id, Actor(person_id=person.id, managed_sites=frozenset({site})))
        print(made.ref)


def _free(vehicles: list[Resource]) -> tuple[Leg, ...]:
    """Find two hours of a day that is over in which both are free."""
    for days in range(2, 25):
        start = (clock.now() + timedelta(days=30 - days)).replace(hour=9, minute=0, second=0, microsecond=0)
        span = Span(start, start + timedelta(hours=2))
        if not any(verdict(Wish(each.id, span, 1)) for each in vehicles):
            return tuple(Leg(each.id, span, 1, CONFIRMED) for each in vehicles)
    raise LookupError("no day on which both are free")


if __name__ == "__main__":
    main()
