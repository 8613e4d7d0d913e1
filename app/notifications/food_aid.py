"""From events to letters, as `listeners`: authorisations for food aid."""

from app.accounts import events
from app.accounts import queries as people
from app.infra.events import listens
from app.notifications import queries
from app.notifications.telling import write_to_each


@listens(events.AuthorisationEntered)
def on_entered(event: events.AuthorisationEntered) -> None:
    """Ask the coordination."""
    write_to_each(
        "authorisation_entered",
        people.readers(queries.who_admits(event.territory_id)),
        authorisation_id=event.authorisation_id,
        organisation=event.name,
        slug=event.slug,
    )


@listens(events.AuthorisationDecided)
def on_decided(event: events.AuthorisationDecided) -> None:
    """Tell its administrators."""
    letter = "authorisation_confirmed" if event.confirmed else "authorisation_sent_back"
    write_to_each(letter, event.to, organisation=event.name, slug=event.slug, reason=event.reason)


@listens(events.AuthorisationEnding)
def on_ending(event: events.AuthorisationEnding) -> None:
    """Remind its administrators."""
    facts = {"organisation": event.name, "slug": event.slug, "last_day": event.last_day.isoformat()}
    write_to_each("authorisation_ending", event.to, **facts)
