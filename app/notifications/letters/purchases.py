"""Letters about group purchases: changed, confirmed, cancelled for want of orders or by who organises."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext as _

from app.notifications.letters.facts import short
from app.notifications.letters.letter import Letter, Link, instant, link, rows
from app.supply.cargo_words import kilos, load_words, packages_words
from app.supply.offers.words import price_words
from app.supply.purchases.models import GroupPurchase, PurchaseOrder
from app.supply.purchases.rules import OrderState, State
from app.supply.purchases.words import cost_words, packing_words

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class About:
    """A purchase as it is when its letter is written, and the order of who reads it; none for who organises."""

    purchase: GroupPurchase
    ordered: int
    order: PurchaseOrder | None = None

    @property
    def what(self) -> str:
        """Name it so that a subject can be read on a phone."""
        return short(self.purchase.product)

    @property
    def by(self) -> str:
        """Name who organises it."""
        return self.purchase.organisation.name


def purchase_changed(about: About) -> Letter | None:
    """Tell who ordered what the purchase says now."""
    if about.order is None or about.order.state != OrderState.ORDERED:
        return None
    return Letter(
        subject=_("Changed: group purchase of %(what)s", what=about.what),
        paragraphs=(
            _("“%(name)s” has changed the purchase of which you ordered. It says now:", name=about.by),
        ),
        facts=_facts(about),
        action=_see(about.purchase),
        after=(_("It does not suit you any more? Order less, or nothing, until the deadline."),),
    )


def purchase_confirmed(about: About) -> Letter | None:
    """Tell who ordered that it takes place: how much they get, what it costs, where and when it is packed."""
    if about.order is None or about.purchase.state != State.CONFIRMED:
        return None
    return Letter(
        subject=_("It takes place: group purchase of %(what)s", what=about.what),
        paragraphs=(_("Enough was ordered: you get what you ordered of “%(name)s”.", name=about.by),),
        facts=_facts(about),
        action=_see(about.purchase),
        after=(
            _("You pay the organiser or the supplier directly: nothing is asked for or billed by Mutualim."),
        ),
    )


def purchase_to_hand_out(about: About) -> Letter | None:
    """Tell who organises that it takes place, and what there is to do."""
    if about.purchase.state != State.CONFIRMED:
        return None
    return Letter(
        subject=_("Your group purchase takes place: %(what)s", what=about.what),
        paragraphs=(_("The deadline has passed, and the minimum is reached."),),
        facts=_facts(about),
        action=_see(about.purchase),
        after=(
            _("There you find the packing list, prepare a chain, and note what was handed out."),
            *(() if packing_words(about.purchase) else (_("Nobody has said yet where it is packed."),)),
        ),
    )


def purchase_short(about: About) -> Letter | None:
    """Tell who ordered, and who organises, that the minimum was not reached, and that all is released."""
    purchase = about.purchase
    if purchase.state != State.CANCELLED:
        return None
    least, ordered = kilos(purchase.least_grams), kilos(about.ordered)
    return Letter(
        subject=_("Too little was ordered: group purchase of %(what)s", what=about.what),
        paragraphs=(
            _(
                "At the deadline %(ordered)s were ordered, and %(least)s needed.",
                ordered=ordered,
                least=least,
            ),
            _(
                "The purchase does not take place: nothing is kept for it any more, and nothing is to be paid."
            ),
        ),
        facts=_short_facts(about),
        action=_see(purchase)
        if about.order
        else link(_("Open it again"), "purchases.propose", comme=purchase.public_id),
    )


def purchase_cancelled(about: About) -> Letter | None:
    """Tell who ordered that it was given up, and why."""
    if about.order is None or about.purchase.state != State.CANCELLED:
        return None
    return Letter(
        subject=_("Cancelled: group purchase of %(what)s", what=about.what),
        paragraphs=(
            _("The purchase of which you ordered does not take place."),
            _("“%(name)s” gives this reason:", name=about.by),
        ),
        quote=about.purchase.reason,
        facts=_short_facts(about),
        action=link(_("See what else is bought together"), "purchases.board"),
    )


def _facts(about: About) -> Facts:
    """List what whoever ordered has to know, with somebody to call; without an order, all that is ordered."""
    purchase, order = about.purchase, about.order
    grams = order.grams if order else about.ordered
    cargo = purchase.cargo(grams)
    return rows(
        (_("What"), purchase.product),
        (_("Supplier"), purchase.supplier),
        (_("Your order") if order else _("All of it"), kilos(grams)),
        (_("Packed in"), packages_words(purchase.packaging, cargo.packages)),
        (_("To carry"), "" if order else load_words(cargo)),
        (_("Price"), price_words(purchase.price_cents)),
        (_("To pay"), cost_words(purchase, grams)),
        (_("Deadline"), _deadline(purchase)),
        (_("Packed at"), packing_words(purchase)),
        (_("To bring"), purchase.bring),
        (_("Note"), purchase.note),
        *_contact(purchase),
    )


def _short_facts(about: About) -> Facts:
    purchase, order = about.purchase, about.order
    return rows(
        (_("What"), purchase.product),
        (_("Your order"), kilos(order.grams) if order else ""),
        (_("Deadline"), _deadline(purchase)),
        *_contact(purchase),
    )


def _contact(purchase: GroupPurchase) -> Facts:
    return (
        (_("Organised by"), purchase.organisation.name),
        (_("Phone"), purchase.organisation.phone),
        (_("Number"), purchase.public_id),
    )


def _deadline(purchase: GroupPurchase) -> str:
    return instant(purchase.deadline_at, purchase.territory.timezone)


def _see(purchase: GroupPurchase) -> Link:
    return link(_("See the purchase"), "purchases.show", ref=purchase.public_id)


LETTERS: Final[Mapping[str, Callable[[About], Letter | None]]] = {
    writer.__name__: writer
    for writer in (
        purchase_changed,
        purchase_confirmed,
        purchase_to_hand_out,
        purchase_short,
        purchase_cancelled,
    )
}
