"""The signatures of a hand-over note in words, for its page and its paper."""

from typing import NamedTuple

from flask_babel import gettext as _

from app.supply.lots.models import Handover
from app.supply.lots.rules import NoteState
from app.supply.lots.words import moment_words, receiver_words


class Signature(NamedTuple):
    """Who signed what, for which side, when, and the digest of it."""

    what: str
    side: str
    name: str
    when: str
    digest: str


def on_spot_words(note: Handover) -> str:
    """Say of a signature on the giver's telephone that it was one, and what the receiver says of it; else nothing."""
    if not note.is_on_the_spot:
        return ""
    if note.answer is None:
        return _("signed on the telephone of who gave; the receiver has not confirmed it")
    when = moment_words(note.territory, note.answer.at)
    if note.answer.is_right:
        return _("signed on the telephone of who gave; confirmed by the receiver on %(when)s", when=when)
    return _("signed on the telephone of who gave; contested by the receiver on %(when)s", when=when)


def signatures_of(note: Handover) -> list[Signature]:
    """List the signatures that a note has: the giver's first."""
    signed = []
    if note.given_at:
        name, when = note.given_name or _("Deleted account"), moment_words(note.territory, note.given_at)
        signed.append(Signature(_("Given by"), note.giver.name, name, when, note.given_digest or ""))
    if note.received_at:
        what = _("Refused by") if note.state == NoteState.REFUSED else _("Received by")
        name, when = (
            note.received_name or _("Deleted account"),
            moment_words(note.territory, note.received_at),
        )
        told = " · ".join(each for each in (when, on_spot_words(note)) if each)
        signed.append(Signature(what, receiver_words(note), name, told, note.received_digest or ""))
    return signed
