"""From events to jobs, as `listeners`: what is to be known of how organisations are paid."""

from app.accounts import queries as people
from app.accounts.events import Reader
from app.infra.events import listens
from app.notifications.telling import write_to_each
from app.payments.events import PayeeTermsChanged


@listens(PayeeTermsChanged)
def on_payee_terms(event: PayeeTermsChanged) -> None:
    """Tell whoever was to be asked before, and all who administer the organisation, whoever of them did it.

    Who took over an account would change the number and the contact, one after the other: so each change is told,
    to the contact there was before and to the address of the organisation.
    """
    by = people.get_person(event.actor_id).name if event.actor_id else ""
    to = {each.email: each for each in people.readers(people.administrators_of(event.organisation_id))}
    for contact in event.contacts:
        to.setdefault(contact, Reader(None, contact, "", "fr"))
    facts = {"organisation": event.name, "slug": event.slug, "by": by}
    write_to_each("payee_terms_changed", to.values(), **facts, changes=event.changes)
