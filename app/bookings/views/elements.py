"""The elements of a request for several resources, each as its reader may know it: on its page, on a manager's card."""

from collections.abc import Collection, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.availability.policy import TimePermission
from app.bookings.bundles import Whole
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission as P
from app.bookings.policy import is_party
from app.bookings.rules import PENDING
from app.bookings.views.common import page_of
from app.bookings.words import handover_words, leg_when, shown_state, when_words
from app.bookings.words.pieces import zone_of
from app.core.policy import Actor, can


def element_words(leg: Booking, actor: Actor, *, met: Collection[int] = ()) -> dict[str, Any]:
    """Write when an element is and where it stands: its reader fits their own beside it, whoever answers for it.

    What a foreign place is called is told as far as its page can be seen; how many of what is asked for there, too. So
    it is of those that come to the reader's own door (`met`: their ids).
    """
    known = can(actor, P.SEE, leg)
    named = known or can(actor, TimePermission.SEE_RESOURCE, leg.resource) or leg.id in met
    return {
        "ref": leg.ref,
        "number": leg.leg_number,
        "name": leg.resource.name if named else _("Another place"),
        "when": leg_when(leg) if named else when_words(leg.span, zone_of(leg)),
        "state": shown_state(leg, answers=is_party(actor, leg)),
        "foreign": not known,
        "waits": leg.decision == PENDING,
        "href": page_of(leg) if known else "",
    }


def whole_words(whole: Whole, actor: Actor, mine: Collection[Booking], part: str) -> dict[str, Any]:
    """Write a whole request for the card of who answers `mine` of its elements: all of them, in the request's order.

    `part` says what it is.
    """
    return {
        "part": part,
        "in_order": whole.bundle.in_order,
        "handover": handover_words(whole.bundle, whole.last_zone.key),
        "elements": [
            element_words(leg, actor) | {"propose_url": _propose_url(leg, actor) if leg in mine else None}
            for leg in whole.shown
        ],
    }


def first_said(legs: Sequence[Booking], actor: Actor, said: dict[int, str]) -> str:
    """Give what who asked wrote to the places (`said`, by booking), as far as it was written to this reader."""
    texts = (said[leg.id] for leg in legs if leg.id in said and can(actor, P.SEE, leg))
    return next(texts, "")


def _propose_url(leg: Booking, actor: Actor) -> str | None:
    return url_for("bookings.propose", ref=leg.ref) if can(actor, P.PROPOSE, leg) else None
