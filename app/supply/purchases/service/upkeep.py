"""What goes when people and organisations do, and with time."""

from sqlalchemy import select, update

from app.accounts.events import AccountErased, OrganisationArchived
from app.bookings.rules import TALK_LIFE
from app.core import clock
from app.infra.uow import atomic
from app.supply.purchases import queries
from app.supply.purchases.models import GroupPurchase, PurchaseOrder
from app.supply.purchases.rules import OrderState, State
from app.supply.purchases.service.closing import end
from app.supply.purchases.service.common import bring_to, lock_purchase, note, orders
from app.supply.purchases.service.drafting import draft


def end_all_of(leaver: OrganisationArchived) -> None:
    """Cancel what an organisation that takes part no longer organises, and withdraw what it ordered.

    Its bookings end by themselves (app.bookings.leaving).
    """
    with atomic():
        for purchase_id in queries.touched_by(leaver.organisation_id):
            purchase = lock_purchase(purchase_id)
            if purchase.organisation_id == leaver.organisation_id:
                if purchase.state != State.CANCELLED:
                    end(purchase, leaver.by, leaver.reason)
                continue
            for each in orders(purchase):
                if each.organisation_id == leaver.organisation_id and each.state == OrderState.ORDERED:
                    bring_to(each, "withdraw")
                    note(purchase, "order_withdrawn", leaver.by, order=each.public_id, grams=each.grams)
                    if purchase.state != State.CANCELLED:
                        draft(purchase)


def forget_words_of(leaver: AccountErased) -> None:
    """Let go of somebody who leaves: their keys, their words where they want that. The rest is their organisation's."""
    with atomic() as session:
        words = {"note": "", "bring": ""} if leaver.messages_too else {}
        mine = update(GroupPurchase).where(GroupPurchase.person_id == leaver.person_id)
        session.execute(mine.values({"idempotency_key": None} | words))
        if leaver.messages_too:
            said = update(PurchaseOrder).where(PurchaseOrder.person_id == leaver.person_id)
            session.execute(said.values(message=""))


def forget_old() -> None:
    """Forget what was written once it is as old as other talk."""
    old = GroupPurchase.ended_at < clock.now() - TALK_LIFE
    with atomic() as session:
        session.execute(update(GroupPurchase).where(old).values(note="", bring="", reason=""))
        theirs = PurchaseOrder.purchase_id.in_(select(GroupPurchase.id).where(old))
        session.execute(update(PurchaseOrder).where(theirs).values(message=""))
