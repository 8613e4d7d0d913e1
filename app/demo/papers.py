"""Lets organisations say how they are paid, bills be issued and a transfer be announced, as the accounts show them."""

from typing import Any, Final

from sqlalchemy import select

from app.core.policy import Actor
from app.demo.spec import Spec
from app.demo.world import SETTLED_DAYS, World
from app.infra.db import db
from app.infra.uow import atomic
from app.notifications.quiet import quiet
from app.payments import service as payments
from app.payments.announced.service import Said
from app.payments.books.postings import Method, Pair
from app.payments.documents import service as documents
from app.payments.models import Payment
from app.payments.queries import open_dues

_BILLS: Final = "O04"  # private, with a mandate: it has invoices and gives receipts
_ANNOUNCES: Final = ("O08", "O01")  # payer and payee


def load_papers(spec: Spec, world: World) -> None:
    """Say the terms of all, bill what one of them is owed, give a receipt for what it got, and announce a transfer."""
    keepers = {each.key: world.actor(each.admins[0], each.key) for each in spec.structures if each.admins}
    issuer = world.organisations[_BILLS]
    with atomic(durable=True), quiet():
        with world.at(world.ago(24 * SETTLED_DAYS)):
            for key, said in spec.terms.items():
                _say_terms(keepers[key], world.organisations[key], said)
            documents.accept_mandate(keepers[_BILLS], issuer)
        with world.at(world.ago(24)):
            for recipient in spec.terms:
                if recipient != _BILLS:
                    world.counts["documents"] += len(documents.issue(issuer, world.organisations[recipient]))
            for payment_id in db.session.scalars(select(Payment.id).filter_by(payee_id=issuer)).all():
                documents.issue_receipt(keepers[_BILLS], payment_id)
                world.counts["documents"] += 1
        with world.at(world.ago(5)):
            payer, payee = (world.organisations[each] for each in _ANNOUNCES)
            _announce(keepers[_ANNOUNCES[0]], Pair(payer, payee), world)


def _say_terms(actor: Actor, organisation_id: int, said: dict[str, Any]) -> None:
    methods = tuple(Method(each) for each in said["methods"])
    payments.say_terms(actor, organisation_id, payments.Terms(**{**said, "methods": methods}))


def _announce(actor: Actor, pair: Pair, world: World) -> None:
    """Let a payer say that the oldest of what it owes is on its way; the rest is still to be paid."""
    dues = open_dues(pair)
    if dues:
        said = Said(dues[0].owed_cents, Method.TRANSFER, world.today, due_ref=dues[0].public_id)
        payments.announce(actor, pair, said, f"demo:{pair.payer_id}:{pair.payee_id}")
