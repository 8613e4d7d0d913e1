"""What a closure or shorter hours would hit, as their pages show it before saving, and what is answered there."""

from collections.abc import Sequence
from dataclasses import dataclass

from babel.lists import format_list
from flask import request
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.bookings.errors import BookingsHit
from app.bookings.models import Booking
from app.bookings.narrowing import Answer, Kept
from app.bookings.queries import bookings_by_time
from app.web.format import span_words

SHOWN_AT_MOST = 50  # a place that closes for good may hit hundreds: nobody reads them all


@dataclass(frozen=True)
class Hit:
    """The bookings in the way: the first of them to read, all by reference, and whether others were shown before."""

    bookings: Sequence[Booking]
    refs: Sequence[str]
    changed: bool
    kept: int = 0  # slots proposed or offered to somebody, which end with it
    slots: Sequence[str] = ()  # the same in words, for whom, when and where as far as the reader may know

    @property
    def more(self) -> int:
        """Count those that are not listed."""
        return len(self.refs) - len(self.bookings)


def hit_by(error: BookingsHit) -> Hit:
    """Read what a refused change would hit."""
    refs: Sequence[str] = error.facts["refs"]
    kept: Sequence[Kept] = error.facts["kept"]
    changed = error.facts["lacks"] == "look"
    return Hit(bookings_by_time(refs[:SHOWN_AT_MOST]), refs, changed, len(kept), kept_words(kept))


def kept_words(kept: Sequence[Kept]) -> list[str]:
    """Write what is kept for somebody's answer: when, where, and for whom where this reader may know."""
    return [_slot_words(each) for each in kept[:SHOWN_AT_MOST]]


def _slot_words(kept: Kept) -> str:
    facts = {"resource": kept.resource, "when": span_words(kept.span, kept.timezone), "whose": kept.whose}
    if not kept.whose:
        return _("%(resource)s, %(when)s", **facts)
    if kept.is_proposed:
        return _("%(resource)s, %(when)s, proposed to “%(whose)s”", **facts)
    return _("%(resource)s, %(when)s, offered to “%(whose)s”", **facts)


def ended_words(ended: Sequence[Kept]) -> str:
    """Say what became of the slots that were kept for somebody's answer, and whose; empty where there was none."""
    if not ended:
        return ""
    return _n(
        "%(num)s slot that was proposed or offered to somebody is no longer kept (%(slots)s): they are told by e-mail.",
        "%(num)s slots that were proposed or offered to somebody are no longer kept (%(slots)s): "
        "they are told by e-mail.",
        len(ended),
        slots=format_list(kept_words(ended), locale=get_locale()),
    )


def read_answer() -> Answer | None:
    """Read what is to become of the bookings that were shown, where somebody chose."""
    choice = request.form.get("confirm")
    if choice not in ("keep", "cancel"):
        return None
    return Answer(request.form.get("seen", "").split(), cancel=choice == "cancel")
