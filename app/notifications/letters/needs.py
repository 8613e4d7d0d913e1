"""Letters about needs: something that fits is offered, somebody can help."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext as _

from app.core import clock
from app.notifications.letters.facts import short
from app.notifications.letters.letter import Letter, instant, link, rows
from app.supply.cargo_words import kilos
from app.supply.needs.models import Need, NeedAnswer
from app.supply.needs.words import title_of, when_words
from app.supply.offers.models import SurplusOffer
from app.supply.offers.words import place_words, price_words


@dataclass(frozen=True)
class About:
    """A need as it is when its letter is written, with the offer that fits it or the answer to it."""

    need: Need
    offer: SurplusOffer | None = None
    left: int = 0
    answer: NeedAnswer | None = None


def need_matched(about: About) -> Letter | None:
    """Tell who looks that something that fits is offered."""
    need, offer, now = about.need, about.offer, clock.now()
    if offer is None or not about.left or not offer.is_open_at(now) or not need.is_open_at(now):
        return None
    return Letter(
        subject=_("Offered, and you look for it: %(what)s", what=short(offer.product)),
        paragraphs=(
            _("“%(name)s” offers something that fits what you look for.", name=offer.organisation.name),
        ),
        facts=rows(
            (_("You look for"), title_of(need)),
            (_("What"), f"{offer.product}, {kilos(about.left)}"),
            (_("Price"), price_words(offer.price_cents)),
            (_("Where"), place_words(offer)),
            (_("To be collected by"), instant(offer.until_at, offer.territory.timezone)),
            (_("Phone"), offer.organisation.phone),
        ),
        action=link(_("See it and take a part"), "surplus.show", ref=offer.public_id),
        after=(_("Have you found what you need? Say so, and nobody writes to you about it any more."),),
        second=link(_("See what you look for"), "needs.show", ref=need.public_id),
    )


def need_helped(about: About) -> Letter | None:
    """Tell who looks that somebody can help, and how."""
    need, answer = about.need, about.answer
    if answer is None or not answer.message:
        return None
    name = answer.organisation.name
    return Letter(
        subject=_("%(name)s can help: %(what)s", name=name, what=short(title_of(need))),
        paragraphs=(
            _("“%(name)s” can help with what you look for.", name=name),
            _("“%(name)s” writes:", name=name),
        ),
        quote=answer.message,
        facts=rows(
            (_("You look for"), title_of(need)),
            (_("When"), when_words(need)),
            (_("Phone"), answer.organisation.phone),
            (_("E-mail"), answer.organisation.email),
        ),
        action=link(_("See all answers"), "needs.show", ref=need.public_id),
        after=(_("Have you found what you need? Say so there."),),
    )


LETTERS: Final[Mapping[str, Callable[[About], Letter | None]]] = {
    writer.__name__: writer for writer in (need_matched, need_helped)
}
