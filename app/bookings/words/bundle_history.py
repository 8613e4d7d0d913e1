"""What happened to a request for several resources and to its elements, line by line."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from app.accounts.words import person_name
from app.bookings.bundles import Whole
from app.bookings.models import Booking
from app.bookings.queries import Line
from app.bookings.words.history import history_words
from app.bookings.words.pieces import moment

Told = tuple[str, str, str]  # what is said of an act, its icon, its colour
_tellers: dict[str, Callable[[Mapping[str, Any]], Told]] = {}


def tells_act(act: str, teller: Callable[[Mapping[str, Any]], Told]) -> None:
    """Let a room above say how an act that it notes on a request is told, from the facts of its line."""
    _tellers[act] = teller


_AT_ONCE = timedelta(seconds=10)  # what is asked for in one act is one line


def bundle_history_words(
    lines: Sequence[Line], whole: Whole, legs: Iterable[Booking]
) -> list[dict[str, Any]]:
    """Write the history of a request and of those of its elements that the reader may know, the latest line first."""
    by_id = {leg.id: leg for leg in legs}
    written = []
    for line in reversed(lines):
        if line.entry.subject_kind == "bundle":
            written.append(_of_whole(line, whole))
        elif (leg := by_id.get(line.entry.subject_id)) and not _was_asked_with_it(line, whole):
            words = history_words(line, leg)
            written.append(
                words | {"text": _("%(name)s: %(what)s", name=leg.resource.name, what=words["text"])}
            )
    return written


def _was_asked_with_it(line: Line, whole: Whole) -> bool:
    return line.entry.act == "requested" and line.entry.at - whole.bundle.created_at < _AT_ONCE


def _of_whole(line: Line, whole: Whole) -> dict[str, Any]:
    entry, tz = line.entry, whole.last_zone.key
    text, icon, kind = _told(entry.act, entry.facts, tz)
    return {
        "when": moment(entry.at, tz),
        "iso": entry.at.isoformat(timespec="seconds"),
        "who": person_name(line.person) if line.person is not None else "",
        "text": text,
        "note": "",
        "reason": entry.facts.get("reason") or None,
        "icon": icon,
        "kind": kind,
    }


def _told(act: str, facts: Mapping[str, Any], tz: str) -> Told:
    if teller := _tellers.get(act):
        return teller(facts)
    match act:
        case "requested":
            return _("Request sent"), "send", "info"
        case "given_up":
            return _("Given up: what had not begun is free again"), "cross", "dim"
        case _ if facts.get("handover"):
            at = moment(datetime.fromisoformat(facts["handover"]), tz)
            return _("Hand-over: %(moment)s", moment=at), "calendar", "info"
        case _:
            return _("Nothing is said about the hand-over any more"), "calendar", "dim"
