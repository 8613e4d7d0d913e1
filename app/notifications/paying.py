"""From events to jobs, as `listeners`: what is to be known of how organisations are paid."""

from app.accounts import queries as people
from app.accounts.events import Reader
from app.infra.db import db
from app.infra.events import listens
from app.notifications import queries
from app.notifications.telling import write_to_each
from app.payments.announced.events import PaymentAnnounced
from app.payments.announced.models import Announcement
from app.payments.books.standing import names_of
from app.payments.events import (
    BudgetAnswered,
    BudgetAsked,
    PayeeTermsChanged,
    ProgrammeAnswered,
    ProgrammeAsked,
    ProgrammeEnded,
)
from app.payments.models import Envelope, Programme


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


@listens(PaymentAnnounced)
def on_announced(event: PaymentAnnounced) -> None:
    """Tell who keeps the accounts of the payee what to look for."""
    said = db.session.get_one(Announcement, event.announcement_id)
    called = names_of([said.payer_id, said.payee_id])
    payer, payee = called[said.payer_id], called[said.payee_id]
    write_to_each(
        "payment_announced",
        people.readers(queries.who_keeps_accounts(payee.id)),
        payer=payer.name,
        other=payer.slug,
        slug=payee.slug,
        ref=said.public_id,
        cents=said.cents,
        method=said.method,
        day=said.sent_on.isoformat(),
        reference=said.reference,
    )


@listens(ProgrammeAsked)
def on_programme_asked(event: ProgrammeAsked) -> None:
    """Ask who keeps the accounts of the organisation that is to pay a programme."""
    _tell_payer("programme_asked", db.session.get_one(Programme, event.programme_id), event.actor_id)


@listens(ProgrammeAnswered)
def on_programme_answered(event: ProgrammeAnswered) -> None:
    """Tell the coordination."""
    letter = "programme_accepted" if event.accepts else "programme_declined"
    _tell_coordination(letter, db.session.get_one(Programme, event.programme_id), event.actor_id)


@listens(ProgrammeEnded)
def on_programme_ended(event: ProgrammeEnded) -> None:
    """Tell the coordination."""
    programme = db.session.get_one(Programme, event.programme_id)
    _tell_coordination("programme_ended", programme, event.actor_id)


@listens(BudgetAsked)
def on_budget_asked(event: BudgetAsked) -> None:
    """Ask who keeps the accounts of the organisation that is to pay it."""
    envelope = db.session.get_one(Envelope, event.envelope_id)
    amounts = {"cents": envelope.asked_cents or 0, "before": envelope.budget_cents}
    _tell_payer("budget_asked", envelope.programme, event.actor_id, **amounts)


@listens(BudgetAnswered)
def on_budget_answered(event: BudgetAnswered) -> None:
    """Tell the coordination."""
    programme = db.session.get_one(Envelope, event.envelope_id).programme
    letter = "budget_accepted" if event.accepts else "budget_declined"
    _tell_coordination(letter, programme, event.actor_id, cents=event.cents)


def _tell_payer(letter: str, programme: Programme, actor_id: int | None, **facts: int) -> None:
    keepers = [each for each in queries.who_keeps_accounts(programme.organisation_id) if each.id != actor_id]
    payer = {"organisation": programme.organisation.name, "slug": programme.organisation.slug}
    write_to_each(letter, people.readers(keepers), programme=programme.name, **payer, **facts)


def _tell_coordination(letter: str, programme: Programme, actor_id: int | None, **facts: int) -> None:
    told = [each for each in queries.who_admits(programme.territory_id) if each.id != actor_id]
    named = {"organisation": programme.organisation.name, "programme": programme.name}
    write_to_each(letter, people.readers(told), **named, **facts)
