"""Hand-over notes as they are printed: always in French, because they are shown to who checks in France."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from flask_babel import gettext as _

from app.infra import typeset
from app.supply.cargo_words import REGIMES, kilos
from app.supply.lots.models import Handover
from app.supply.lots.signatures import Signature, signatures_of
from app.supply.lots.words import (
    NOTE_STATES,
    dates_words,
    facts_under_number,
    limits_of_lots,
    limits_words,
    receiver_words,
    returned_words,
    verdicts_of,
)
from app.web.i18n import speaking

TEMPLATE: Final = "supply/print/sheet.typ"
LANGUAGE: Final = "fr"


@dataclass(frozen=True)
class Part:
    """A part of a sheet: what is to be known in pairs, a table, boxes, a note; each only where there is some."""

    title: str = ""
    pairs: Sequence[tuple[str, str]] = ()
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    boxes: Sequence[Mapping[str, Any]] = field(default_factory=list)
    note: str = ""


def sheet(
    kind: str, number: str, foot: str, parts: Sequence[Part], made_at: datetime, banner: str = ""
) -> bytes:
    """Set a sheet in type."""
    facts = {
        "title": f"{kind} {number}",
        "lang": LANGUAGE,
        "foot": foot,
        "kind": kind,
        "number": number,
        "banner": banner,
        "parts": [asdict(part) for part in parts],
    }
    return typeset.pdf(TEMPLATE, facts, made_at)


def note_pdf(note: Handover) -> bytes:
    """Set a hand-over note in type, with the signatures it has."""
    with speaking(LANGUAGE):
        heads = [_("What"), _("Lot"), _("Storage conditions"), _("Date"), _("Given"), _("Received")]
        limits = limits_of_lots([line.lot for line in note.lines])
        verdict = " · ".join(words for _look, words in verdicts_of(note))
        about = [(label, words) for label, words, _icon in facts_under_number(note)]
        contested = (_("Contested:"), note.answer.reason if note.answer else "")
        more = [
            (_("Cold chain"), verdict),
            (_("Reason:"), note.reason),
            contested,
            (_("Note"), note.note),
        ]
        back = [[line.lot.product, returned_words(line)] for line in note.lines if line.came_back_grams]
        parts = [
            Part(pairs=[*about, *((label, words) for label, words in more if words)]),
            Part(
                _("What is handed over"), heads=heads, rows=_rows(note), note=" · ".join(limits_words(limits))
            ),
            *(
                [Part(_("What came back"), rows=back, heads=[_("What"), _("What became of it")])]
                if back
                else []
            ),
            Part(_("Signatures"), boxes=[_box(each) for each in _both(note)]),
        ]
        banner = "" if note.given_at else str(NOTE_STATES[note.state][1])
        foot = " · ".join((note.giver.name, receiver_words(note), note.public_id))
        number = _("No. %(number)s", number=note.public_id)
        last = note.received_at or note.given_at or note.created_at
        return sheet(_("Hand-over note"), number, foot, parts, last, banner)


def _rows(note: Handover) -> list[list[str]]:
    return [
        [
            line.lot.product,
            line.lot.public_id,
            str(REGIMES[line.lot.regime]),
            dates_words(line.lot) or "–",
            kilos(line.grams),
            kilos(line.received_grams) if line.received_grams is not None else "–",
        ]
        for line in note.lines
    ]


def _both(note: Handover) -> list[Signature]:
    """List both signatures; where one is missing, a place to sign by hand."""
    signed = signatures_of(note)
    sides = [(_("Given by"), note.giver.name)]
    if not note.is_distribution:
        sides.append((_("Received by"), receiver_words(note)))
    empty = [Signature(what, side, " ", "", "") for what, side in sides[len(signed) :]]
    return [*signed, *empty]


def _box(signed: Signature) -> dict[str, Any]:
    digest = _("Digest of what was signed: %(digest)s", digest=signed.digest[:32]) if signed.digest else ""
    lines = [each for each in (signed.side, signed.when, digest) if each]
    return {"label": signed.what, "name": signed.name, "lines": lines}
