"""The chain that fetches what is bought together: drafted when it is opened, kept true, ended with it."""

from collections.abc import Collection

from app.core.policy import Actor
from app.infra.events import emit
from app.infra.uow import atomic
from app.supply.chains import service as chains
from app.supply.purchases import events, queries
from app.supply.purchases.models import GroupPurchase
from app.supply.purchases.rules import TO_FETCH, State
from app.supply.purchases.service.common import lock_purchase, ordered, orders


def draft(purchase: GroupPurchase) -> None:
    """Draft the chain of a purchase that is locked, or say anew what it is: what is ordered, the minimum at least.

    It goes from the supplier to where it is packed, by the time it is. In which commune a supplier is that is no
    organisation here nobody knows: whoever prepares the chain says so.
    """
    is_confirmed, grams = purchase.state == State.CONFIRMED, ordered(orders(purchase))
    if is_confirmed and not grams:  # all who ordered have left
        chains.drop_draft(purchase.origin)
        return
    supplier = queries.find_supplier(purchase)
    packing = purchase.booking if purchase.is_placed else None
    if packing is not None and packing.start_at <= purchase.deadline_at:  # it was moved
        packing = None
    until_at = packing.start_at if packing else purchase.deadline_at + TO_FETCH
    wish = chains.Wish(
        product=purchase.product,
        cargo=purchase.cargo(grams if is_confirmed else max(grams, purchase.least_grams)),
        commune_code=(supplier.commune_code or "") if supplier else "",
        place=purchase.supplier,
        from_at=purchase.deadline_at,
        until_at=until_at,
        to_site_id=packing.resource.site_id if packing else None,
        by_at=packing.start_at if packing else None,
        is_exact=is_confirmed,
    )
    chains.keep_draft(purchase.origin, purchase.organisation_id, wish)


def follow_packing(booking_ids: Collection[int], actor_id: int | None) -> None:
    """Say anew what the chains of purchases are, whose packing was moved or lost where bookings are."""
    with atomic():
        for purchase_id in queries.packed_in(booking_ids):
            purchase = lock_purchase(purchase_id)
            if purchase.state != State.CANCELLED and purchase.booking_id in booking_ids:
                draft(purchase)
                emit(events.PackingMoved(purchase.id, actor_id))


def let_carriers_go(purchase: GroupPurchase, person_id: int | None, reason: str) -> None:
    """Give up the chains that would fetch it, in the name of who organises, whichever of its members asked for them."""
    organiser = Actor(person_id=person_id, memberships={purchase.organisation_id: "org_admin"})
    chains.give_up_chains(purchase.origin, organiser, reason)
