"""Letters about hand-over notes: to be signed for, received, refused, contested, cancelled."""

from collections.abc import Callable, Mapping
from typing import Final

from flask_babel import gettext as _

from app.notifications.letters.facts import short
from app.notifications.letters.letter import Letter, link, rows
from app.supply.cargo_words import kilos
from app.supply.lots.models import Handover
from app.supply.lots.queries import find_open_incident_of_return
from app.supply.lots.rules import ANSWER_TIME, NoteState
from app.supply.lots.words import moment_words, note_facts


def handover_given(note: Handover) -> Letter | None:
    """Ask who receives to sign, too."""
    if note.state != NoteState.GIVEN:
        return None
    return Letter(
        subject=_("To sign: %(what)s handed over to you", what=_what(note)),
        paragraphs=(_("“%(name)s” has signed that it hands this over to you.", name=note.giver.name),),
        facts=_facts(note),
        action=link(_("Sign that it came"), "lots.note", note_ref=note.public_id),
        after=(_("Less came, or it cannot be taken? Say so there, with your reason."),),
    )


def handover_received(note: Handover) -> Letter | None:
    """Tell who gave that the other side signed, and what of it came."""
    if note.state != NoteState.RECEIVED or note.receiver is None:
        return None
    is_less = any(line.received_grams != line.grams for line in note.lines)
    name, came = note.receiver.name, kilos(sum(line.received_grams or 0 for line in note.lines))
    said = _("“%(name)s” has signed that it received %(kilos)s.", name=name, kilos=came)
    less = (_("That is less than you gave: the rest is yours again. Its reason:"),) if is_less else ()
    return Letter(
        subject=_("Received: %(what)s", what=_what(note)),
        paragraphs=(said, *less),
        quote=note.reason if is_less else "",
        facts=_facts(note),
        action=link(_("See the note"), "lots.note", note_ref=note.public_id),
        after=_asked_back(note),
    )


def handover_refused(note: Handover) -> Letter | None:
    """Tell who gave that the other side takes nothing of it, and why."""
    if note.state != NoteState.REFUSED or note.receiver is None:
        return None
    return Letter(
        subject=_("Refused: %(what)s", what=_what(note)),
        paragraphs=(
            _("“%(name)s” does not take what you hand over: it is still yours.", name=note.receiver.name),
            _("“%(name)s” gives this reason:", name=note.receiver.name),
        ),
        quote=note.reason,
        facts=_facts(note),
        action=link(_("See the note"), "lots.note", note_ref=note.public_id),
        after=_asked_back(note),
    )


def handover_in_your_name(note: Handover) -> Letter | None:
    """Tell who receives that somebody signed in its name on the giver's telephone: it confirms or contests it."""
    if not note.is_on_the_spot or note.answer is not None or note.received_at is None:
        return None
    told = {"giver": note.giver.name, "name": note.received_name or _("somebody")}
    until = moment_words(note.territory, note.received_at + ANSWER_TIME)
    is_refused = note.state == NoteState.REFUSED
    said = (
        _(
            "On the telephone of “%(giver)s”, %(name)s signed in your name that you take nothing of it.",
            **told,
        )
        if is_refused
        else _("On the telephone of “%(giver)s”, %(name)s signed in your name that it came.", **told)
    )
    return Letter(
        subject=_("Signed in your name: %(what)s", what=_what(note)),
        paragraphs=(said,),
        quote=note.reason,
        facts=_facts(note),
        action=link(_("Confirm or contest it"), "lots.note", note_ref=note.public_id),
        after=(
            _("That is right? Confirm it with your account, in one click."),
            _(
                "It is not? Contest it there before %(until)s, with your reason: the note will say so.",
                until=until,
            ),
        ),
    )


def handover_contested(note: Handover) -> Letter | None:
    """Tell who gave that the receiver contests what was signed in its name, and why."""
    if note.receiver is None or note.answer is None or note.answer.is_right:
        return None
    name = note.receiver.name
    return Letter(
        subject=_("Contested: %(what)s", what=_what(note)),
        paragraphs=(
            _(
                "“%(name)s” contests what was signed in its name on your telephone: the note says so.",
                name=name,
            ),
            _("“%(name)s” gives this reason:", name=name),
        ),
        quote=note.answer.reason,
        facts=_facts(note),
        action=link(_("See the note"), "lots.note", note_ref=note.public_id),
        after=(_("Call them to find out where the goods are. The coordination can help."),),
    )


def handover_cancelled(note: Handover) -> Letter | None:
    """Tell who was to receive that it does not come, and why."""
    if note.state != NoteState.CANCELLED:
        return None
    return Letter(
        subject=_("Cancelled: %(what)s", what=_what(note)),
        paragraphs=(
            _("“%(name)s” does not hand this over to you after all.", name=note.giver.name),
            _("“%(name)s” gives this reason:", name=note.giver.name),
        ),
        quote=note.reason,
        facts=_facts(note),
        action=link(_("See the note"), "lots.note", note_ref=note.public_id),
    )


def _what(note: Handover) -> str:
    products = ", ".join(sorted({line.lot.product for line in note.lines}))
    weight = kilos(sum(line.grams for line in note.lines))
    return _("%(kilos)s, %(product)s", kilos=weight, product=short(products))


def _asked_back(note: Handover) -> tuple[str, ...]:
    """Ask who gave what became of what came back, as long as that is to be said; first of all if it was too warm."""
    if find_open_incident_of_return(note) is not None:
        return (
            _(
                "What came back was too warm: its lots are blocked. Say on the page of the incident, "
                "to which the note leads, what becomes of them."
            ),
        )
    if not any(line.came_back_grams and line.returned is None for line in note.lines):
        return ()
    return (_("Say on the page of the note what became of what came back: in stock again, or destroyed."),)


def _facts(note: Handover) -> tuple[tuple[str, str], ...]:
    lines = (
        _("%(kilos)s, %(product)s", kilos=kilos(each.came_back_grams), product=each.lot.product)
        for each in note.lines
        if each.came_back_grams
    )
    back = _("Came back"), "; ".join(lines)
    return rows((_("What"), _what(note)), back, *((label, words) for label, words, _icon in note_facts(note)))


LETTERS: Final[Mapping[str, Callable[[Handover], Letter | None]]] = {
    writer.__name__: writer
    for writer in (
        *(handover_given, handover_received, handover_refused, handover_cancelled),
        *(handover_in_your_name, handover_contested),
    )
}
