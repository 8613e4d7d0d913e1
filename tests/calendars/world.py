"""A territory with bookings to show in calendars, and a client that fetches feeds."""

from typing import Any

from icalendar import Calendar

from app.accounts.queries import load_actor
from app.bookings.models import Booking
from app.calendars import queries, service
from app.calendars.audiences import Scope
from app.core import clock, ids
from app.infra.uow import atomic
from tests.factories import a_manager, a_member, a_resource, a_site, a_territory, an_organisation, span

HOST = "agenda.test"


class World:
    """A site with a kitchen, its manager, two associations with a member each."""

    def __init__(self, **facts: Any) -> None:
        self.territory = a_territory()
        self.owner = an_organisation(self.territory, name="Mairie", priority_class="P0")
        self.site = a_site(
            self.owner, name="Pôle nourricier", phone="02 40 00 00 00", hours="Mo-Su 00:00-24:00"
        )
        self.kitchen = a_resource(self.site, name="Cuisine", **facts)
        self.ours = an_organisation(self.territory, name="Les Glaneurs")
        self.theirs = an_organisation(self.territory, name="Le Panier commun")
        self.member = a_member(self.ours, name="Jeanne Moreau")
        self.other = a_member(self.theirs, name="Loïc Hervé")
        self.manager = a_manager(self.site, name="Anne Le Goff")

    def book(self, start="2026-10-06 08:00", end="2026-10-06 12:00", **facts: Any) -> Booking:
        """Write a booking of `member` for the kitchen, approved unless told otherwise."""
        now = clock.now()
        given = {
            "resource_id": self.kitchen.id,
            "organisation_id": self.ours.id,
            "requester_id": self.member.id,
            "purpose": "Soupe solidaire",
            "decision": "approved",
        } | facts
        time = span(start, end)
        with atomic() as session:
            booking = Booking(
                ref=ids.new_ref(),
                uid=f"{ids.new_public_id(20).lower()}@{HOST}",
                territory_id=self.territory.id,
                start_at=time.start,
                end_at=time.end,
                use="planned",
                reason="",
                created_at=now,
                changed_at=now,
                **given,
            )
            session.add(booking)
            session.flush()
        return booking

    def link(self, person: Any, scope: Scope = Scope.RESOURCE, of: Any = None, audience: Any = None) -> str:
        """Make a link of a person and give the path of its feed."""
        subject = queries.get_subject(scope, (of or self.kitchen).public_id)
        new = service.subscribe(load_actor(person.id), subject, audience)
        return f"/agendas/{new.secret}.ics"


def touch(row: Any, **facts: Any) -> None:
    """Change a row as its room would: new facts, a revision more, the hour of the change."""
    with atomic() as session:
        kept: Any = session.get_one(type(row), row.id)
        for name, value in facts.items():
            setattr(kept, name, value)
        if hasattr(kept, "revision"):
            kept.revision += 1
            kept.changed_at = clock.now()


def change(row: Any, **facts: Any) -> None:
    """Change a row without touching its revision."""
    with atomic() as session:
        kept: Any = session.get_one(type(row), row.id)
        for name, value in facts.items():
            setattr(kept, name, value)


def vevents(body: bytes) -> list[Any]:
    """Read the events of a calendar file."""
    return list(Calendar.from_ical(body).walk("VEVENT"))


def events(client: Any, path: str, **headers: str) -> dict[str, Any]:
    """Fetch a feed and read its events by UID."""
    answer = client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert answer.status_code == 200, answer.status
    return {str(event["UID"]): event for event in vevents(answer.data)}


def only(client: Any, path: str) -> Any:
    """Fetch a feed that must hold one event."""
    (event,) = events(client, path).values()
    return event
