"""From events to jobs, as `listeners`: what is to be known of how organisations are paid."""

from app.accounts import queries as people
from app.accounts.events import Reader
from app.infra.events import listens
from app.notifications.telling import write_to_each
from app.payments.events import AccountNumberChanged


@listens(AccountNumberChanged)
def on_account_number(event: AccountNumberChanged) -> None:
    """Tell whoever was to be asked before, and all who administer the organisation, whoever of them did it.

    Who took over an account would change the number and the contact at once: so the old contact is told.
    """
    by = people.get_person(event.actor_id).name if event.actor_id else ""
    to = {each.email: each for each in people.readers(people.administrators_of(event.organisation_id))}
    if event.contact and event.contact not in to:
        to[event.contact] = Reader(None, event.contact, "", "fr")
    facts = {"organisation": event.name, "slug": event.slug, "by": by}
    write_to_each("account_number_changed", to.values(), **facts, before=event.before, after=event.after)
