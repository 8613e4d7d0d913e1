"""Words for what a lot said before it was corrected, what does not fit its chain, and what came back of it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.accounts.words import person_name
from app.supply.cargo_words import PACKAGINGS, REGIMES, kilos
from app.supply.lots.models import HandoverLine, Lot
from app.supply.lots.queries import LotCorrection, collected_on
from app.supply.lots.rules import NoteState
from app.supply.lots.words import moment_words
from app.web.format import day


def corrections_words(lot: Lot, corrections: Sequence[LotCorrection]) -> list[str]:
    """Say of each correction of a lot when, by whom, and what it said before; the last first."""
    return [
        _(
            "Corrected %(when)s by %(who)s. Before: %(was)s.",
            when=moment_words(lot.territory, each.at),
            who=person_name(each.by.name if each.by else ""),
            was=", ".join(_was(name, value) for name, value in each.was.items()),
        )
        for each in reversed(corrections)
    ]


def _was(name: str, value: Any) -> str:
    """Write one thing that a lot said before: "weight 5 000 kg", "use-by date 4 June 2026"."""
    match name:
        case "product":
            return _("product “%(product)s”", product=value)
        case "grams":
            return _("weight %(kilos)s", kilos=kilos(value))
        case "packaging":
            return _("packed in %(packaging)s", packaging=str(PACKAGINGS[value]) if value else _("not said"))
        case "per_package":
            return _("one package %(kilos)s", kilos=kilos(value) if value else _("not said"))
        case "regime":
            return _("temperature %(regime)s", regime=REGIMES[value])
        case "origin":
            return _("origin %(name)s", name=value)
        case "use_by":
            return _("use-by date %(day)s", day=_day(value))
        case "best_before":
            return _("best-before date %(day)s", day=_day(value))
        case _:
            return _("came on %(day)s", day=_day(value))


def _day(written: str | None) -> str:
    return day(date.fromisoformat(written), year=True) if written else _("none")


def early_words(lot: Lot, *, is_made: bool) -> str:
    """Warn that a lot came before its chain fetches it; nothing where that is in order, or it was made on the way."""
    fetched = collected_on(lot.bundle_id) if lot.bundle_id and not is_made else None
    if fetched is None or lot.received_on >= fetched:
        return ""
    return _(
        "By this lot it came on %(came)s, but its chain fetches it on %(fetched)s. Check the day it came.",
        came=day(lot.received_on, year=True),
        fetched=day(fetched, year=True),
    )


def refused_words(line: HandoverLine) -> str:
    """Say how much of a line the other side did not take, and why."""
    note = line.handover
    told = {"kilos": kilos(line.came_back_grams), "reason": note.reason}
    if not note.reason:
        return _("%(kilos)s came back", **told)
    if note.state == NoteState.REFUSED:
        return _("%(kilos)s were refused: %(reason)s", **told)
    return _("%(kilos)s were not taken: %(reason)s", **told)
