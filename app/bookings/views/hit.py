"""What a closure or shorter hours would hit, as their pages show it before saving, and what is answered there."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from flask_babel import ngettext as _n

from app.bookings.errors import BookingsHit
from app.bookings.models import Booking
from app.bookings.narrowing import Answer
from app.bookings.queries import bookings_by_time

SHOWN_AT_MOST = 50  # a place that closes for good may hit hundreds: nobody reads them all


@dataclass(frozen=True)
class Hit:
    """The bookings in the way: the first of them to read, all by reference, and whether others were shown before."""

    bookings: Sequence[Booking]
    refs: Sequence[str]
    changed: bool
    kept: int = 0  # slots proposed or offered to somebody, which end with it

    @property
    def more(self) -> int:
        """Count those that are not listed."""
        return len(self.refs) - len(self.bookings)


def hit_by(error: BookingsHit) -> Hit:
    """Read what a refused change would hit."""
    refs: Sequence[str] = error.facts["refs"]
    return Hit(
        bookings_by_time(refs[:SHOWN_AT_MOST]), refs, error.facts["lacks"] == "look", error.facts["kept"]
    )


def ended_words(ended: int) -> str:
    """Say what became of the slots that were kept for somebody's answer; empty where there was none."""
    if not ended:
        return ""
    return _n(
        "%(num)s slot that was proposed or offered to somebody is no longer kept: they are told by e-mail.",
        "%(num)s slots that were proposed or offered to somebody are no longer kept: they are told by e-mail.",
        ended,
    )


def read_answer() -> Answer | None:
    """Read what is to become of the bookings that were shown, where somebody chose."""
    choice = request.form.get("confirm")
    if choice not in ("keep", "cancel"):
        return None
    return Answer(request.form.get("seen", "").split(), cancel=choice == "cancel")
