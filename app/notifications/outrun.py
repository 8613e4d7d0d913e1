"""From events to letters, as `listeners`: what a chain is for was changed after it had been asked for."""

from dataclasses import replace

from app.infra.db import db
from app.infra.events import listens
from app.infra.jobs import Payload, enqueue, job
from app.infra.mail import deliver
from app.notifications import queries
from app.notifications.letters.letter import message
from app.notifications.letters.outrun import chain_outrun
from app.notifications.members import who_acts
from app.notifications.quiet import is_quiet
from app.supply.chains.outrun import outrun_from, outrun_of
from app.supply.chains.queries import find_chain
from app.supply.chains.rules import Origin
from app.supply.gleanings.events import GleaningChanged
from app.supply.gleanings.models import Gleaning
from app.supply.purchases.events import PackingMoved, PurchaseChanged, PurchaseEvent
from app.supply.purchases.models import GroupPurchase
from app.web.i18n import speaking

_WRITE = "notifications.write_outrun"


@listens(GleaningChanged)
def on_gleaning(event: GleaningChanged) -> None:
    """Tell who looks after the chains that would carry it, unless they changed it themselves."""
    _tell(db.session.get_one(Gleaning, event.gleaning_id).origin, event.actor_id)


@listens(PurchaseChanged)
def on_purchase(event: PurchaseChanged) -> None:
    """Tell who looks after the chains that fetch it, unless they changed it themselves."""
    _tell_of_purchase(event)


@listens(PackingMoved)
def on_packing(event: PackingMoved) -> None:
    """Tell the same people that it is packed at another time, or nowhere yet."""
    _tell_of_purchase(event)


def _tell_of_purchase(event: PurchaseEvent) -> None:
    _tell(db.session.get_one(GroupPurchase, event.purchase_id).origin, event.actor_id)


def _tell(origin: Origin, actor_id: int | None) -> None:
    if is_quiet():
        return
    for outrun in outrun_from(origin):
        bundle = outrun.chain.bundle
        for person in who_acts(bundle.requester, bundle.organisation_id):
            if person.id != actor_id:
                about = {"bundle": bundle.id, "person": person.id}
                key = f"chain_outrun:{bundle.id}:{person.id}"
                enqueue(_WRITE, about, dedup_key=key, territory_id=bundle.territory_id)


@job(_WRITE)
def write_outrun(payload: Payload) -> None:
    """Write to one person about a chain, if it still does not fit."""
    chain, person = find_chain(payload["bundle"]), queries.find_person(payload["person"])
    outrun = outrun_of(chain) if chain else None
    if outrun is None or person is None:
        return
    with speaking(person.locale):
        letter = chain_outrun(outrun)
        signed = replace(letter, name=person.name, signed=outrun.draft.organisation.territory.name)
        mail = message(signed, person.email, person.locale)
    deliver(mail)
