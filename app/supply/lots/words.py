"""Words for lots and hand-over notes: what there is, how warm it was, where it stands."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

from app.accounts.models import Territory
from app.accounts.words import person_name
from app.catalogue.models import Resource
from app.supply.cargo import Regime
from app.supply.cargo_words import REGIMES, kilos, packages_words
from app.supply.lots.limits import LIMITS, Limits, Source, Verdict, strictest
from app.supply.lots.models import (
    Handover,
    HandoverLine,
    Incident,
    IncidentLot,
    Lot,
    ReadingCorrection,
    TemperatureReading,
)
from app.supply.lots.queries import Found, today_in
from app.supply.lots.rules import IncidentState, LotState, NoteState, Outcome
from app.web.format import clock_time, day, number

NOTE_STATES: Final[Mapping[str, tuple[str, Any]]] = {  # the badge whose look it has, and its words
    NoteState.DRAFTED: ("pending", _l("to be signed by the giver")),
    NoteState.GIVEN: ("pending", _l("to be signed by the receiver")),
    NoteState.RECEIVED: ("approved", _l("received")),
    NoteState.DISTRIBUTED: ("approved", _l("distributed")),
    NoteState.REFUSED: ("refused", _l("refused")),
    NoteState.CANCELLED: ("cancelled", _l("cancelled")),
}
VERDICTS: Final[Mapping[str, tuple[str, Any]]] = {
    Verdict.FINE: ("approved", _l("cold enough")),
    Verdict.WARNING: ("to_check", _l("too warm")),
    Verdict.ALARM: ("to_fix", _l("alarm")),
}
SOURCES: Final[Mapping[str, Any]] = {
    Source.DECREE: _l("decree of 21 December 2009, annex I"),
    Source.DEEP_FROZEN: _l("directive 89/108/EEC, article 5"),
    Source.USAGE: _l("common practice of the trade"),
    Source.PLACE: _l("said by whoever manages the place"),
}


def degrees(tenths: int) -> str:
    """Write a temperature: "3,5 °C", "−18 °C"."""
    return _("%(number)s\N{NO-BREAK SPACE}°C", number=number(tenths / 10).replace("-", "−"))


def measured_words(tenths: int | None) -> str:
    """Write a temperature; nothing where nobody measured."""
    return "" if tenths is None else degrees(tenths)


def limits_words(limits: Limits) -> list[str]:
    """Say from where on it is too warm, each threshold with its source."""
    warn, alarm = limits.warn, limits.alarm
    return [
        _("Warning from %(degrees)s (%(source)s)", degrees=degrees(warn.tenths), source=SOURCES[warn.source]),
        _("Alarm from %(degrees)s (%(source)s)", degrees=degrees(alarm.tenths), source=SOURCES[alarm.source]),
    ]


RETURNS: Final[Mapping[str, Any]] = {
    Outcome.FIT: _l("Back in stock"),
    Outcome.DESTROYED: _l("Destroyed"),
}


def returned_words(line: HandoverLine) -> str:
    """Say how much of a line came back and what became of it, with the reason; nothing where all of it was taken."""
    if not line.came_back_grams:
        return ""
    told = {"kilos": kilos(line.came_back_grams)}
    if line.returned is None:
        return _("%(kilos)s came back: nobody has said yet what became of it", **told)
    becomes = str(RETURNS[line.returned])
    if line.return_reason:
        return _(
            "%(kilos)s came back. %(becomes)s: %(reason)s", becomes=becomes, reason=line.return_reason, **told
        )
    return _("%(kilos)s came back. %(becomes)s", becomes=becomes, **told)


def limits_of_lots(lots: Sequence[Lot]) -> Limits:
    """Give the limits of a load: those of what has to be coldest in it."""
    return LIMITS[strictest(Regime(lot.regime) for lot in lots)]


def moment_words(territory: Territory, at: datetime) -> str:
    """Write an instant by the clock of a territory, with its year: it is read years later."""
    tz = territory.timezone
    return _("%(day)s at %(time)s", day=day(at, tz=tz, year=True), time=clock_time(at, tz=tz))


def origin_words(lot: Lot) -> str:
    """Name who a lot came from; what an organisation grew or made itself came from nobody else."""
    if lot.origin_id == lot.organisation_id:
        return _("own harvest or production")
    return lot.origin_organisation.name if lot.origin_organisation else lot.origin


def place_words(lot: Lot) -> str:
    """Say where a lot is stored; empty where that is nowhere shared."""
    return store_words(lot.resource) if lot.resource else ""


def store_words(place: Resource) -> str:
    """Name a storage place, with its site."""
    return f"{place.name}, {place.site.name}"


def dates_words(lot: Lot) -> str:
    """Say until when a lot is good: its use-by date, else its best-before date."""
    if lot.use_by:
        return _("Use by %(day)s", day=day(lot.use_by))
    return _("Best before %(day)s", day=day(lot.best_before)) if lot.best_before else ""


def standing_words(found: Found) -> str:
    """Say in a few words what is left of a lot."""
    if found.lot.state == LotState.DESTROYED:
        return _("What was left of it was destroyed")
    promised = kilos(found.promised)
    if not found.left and found.promised:
        return _("%(kilos)s on a note that is not signed yet", kilos=promised)
    if not found.left:
        return _("Nothing is left of it")
    left = kilos(found.left)
    if found.waiting:
        left = _(
            "%(kilos)s left, of which %(waiting)s are blocked: too warm",
            kilos=left,
            waiting=kilos(found.waiting),
        )
    else:
        left = _("%(kilos)s left", kilos=left)
    if not found.promised:
        return left
    return _("%(left)s, and %(kilos)s on a note that is not signed yet", left=left, kilos=promised)


def state_of(found: Found) -> tuple[str, str]:
    """Give the badge of a lot and its words."""
    lot = found.lot
    if found.is_blocked and lot.state == LotState.HELD:
        return "refused", _("cold chain broken: blocked")
    if lot.state == LotState.DESTROYED:
        return "refused", _("destroyed")
    if not found.left:
        return ("pending", _("on a note")) if found.promised else ("done", _("all handed over"))
    if lot.is_spoilt_on(today_in(lot.territory)):
        return "refused", _("use-by date past")
    if found.is_unsaid:
        return "pending", _("came back: say what became of it")
    if lot.best_before and lot.best_before < today_in(lot.territory):
        return "pending", _("best-before date past")
    return "approved", _("present")


def lot_facts(lot: Lot) -> list[tuple[str, str, str]]:
    """List what there is to know of a lot."""
    cargo = lot.cargo
    rows = [
        (_("Weight when it came"), kilos(lot.grams), "list"),
        (_("Packed in"), packages_words(lot.packaging or "", cargo.packages) if cargo else "", "archive"),
        (_("Temperature"), str(REGIMES[lot.regime]), "thermometer"),
        (_("Use-by date"), day(lot.use_by, year=True) if lot.use_by else "", "calendar"),
        (_("Best-before date"), day(lot.best_before, year=True) if lot.best_before else "", "calendar"),
        (_("Came on"), day(lot.received_on, year=True), "clock"),
        (_("Stored at"), place_words(lot), "storage"),
        (_("Number"), lot.public_id, "file"),
    ]
    return [row for row in rows if row[1]]


def receiver_words(note: Handover) -> str:
    """Name who receives: an organisation, or so many people."""
    if note.receiver is not None:
        return note.receiver.name
    return _n("Distribution to %(num)s person", "Distribution to %(num)s people", note.people or 0)


def note_facts(note: Handover) -> list[tuple[str, str, str]]:
    """List what there is to know of a hand-over."""
    return [*facts_under_number(note), (_("Number"), note.public_id, "file")]


def facts_under_number(note: Handover) -> list[tuple[str, str, str]]:
    """List what there is to know of a hand-over where its number stands above."""
    aid = _("Food aid: given for nothing to who needs it") if note.is_food_aid else ""
    rows = [
        (_("From"), note.giver.name, "building"),
        (_("To"), receiver_words(note), "users"),
        (_("When"), moment_words(note.territory, note.at), "clock"),
        (_("Temperature when given"), measured_words(note.tenths), "thermometer"),
        (_("Temperature when received"), measured_words(note.received_tenths), "thermometer"),
        (_("Packages"), number(note.packages) if note.packages is not None else "", "archive"),
        (_("What for"), aid, "info"),
    ]
    return [row for row in rows if row[1]]


def verdicts_of(note: Handover) -> list[tuple[str, str]]:
    """Give the badges of how warm a hand-over was, on each side that measured: how it looks, and its words."""
    limits = limits_of_lots([line.lot for line in note.lines])
    badges = []
    if note.tenths is not None:
        look, words = VERDICTS[limits.verdict(note.tenths)]
        badges.append((look, _("when given: %(verdict)s", verdict=words)))
    if note.received_tenths is not None:
        look, words = VERDICTS[limits.verdict(note.received_tenths)]
        badges.append((look, _("when received: %(verdict)s", verdict=words)))
    return badges


# -- incidents ------------------------------------------------------------------------------------------------


INCIDENT_STATES: Final[Mapping[str, tuple[str, Any]]] = {
    IncidentState.OPEN: ("refused", _l("open")),
    IncidentState.CLOSED: ("done", _l("closed")),
}
OUTCOMES: Final[Mapping[str, Any]] = {
    Outcome.FIT: _l("It can be eaten: it goes on"),
    Outcome.DESTROYED: _l("It cannot be eaten: what is left of it is destroyed"),
}


def where_words(incident: Incident) -> str:
    """Say where a cold chain broke: in a place, or at a hand-over."""
    if incident.resource is not None:
        return store_words(incident.resource)
    note = incident.handover
    if note is not None and incident.organisation_id == note.receiver_id:
        return _("Reception by %(name)s", name=incident.organisation.name)
    return _("Hand-over by %(name)s", name=incident.organisation.name)


def incident_words(incident: Incident) -> str:
    """Say what was measured, and what the limit is: "−14,5 °C, alarm from −14,9 °C"; also what it really was."""
    told = {"measured": degrees(incident.tenths), "limit": degrees(incident.limit_tenths)}
    if incident.right_tenths is not None:
        right = degrees(incident.right_tenths)
        return _("%(measured)s, corrected to %(right)s, alarm from %(limit)s", right=right, **told)
    return _("%(measured)s, alarm from %(limit)s", **told)


def corrections_words(incident: Incident) -> list[str]:
    """Say to what the figures that raised an incident were corrected, when, by whom and why."""
    return [_corrected(incident, each) for each in incident.corrections]


def _corrected(incident: Incident, each: ReadingCorrection) -> str:
    told = {
        "was": degrees(each.was_tenths),
        "right": degrees(each.tenths),
        "when": moment_words(incident.territory, each.at),
        "name": person_name(each.person.name),
    }
    if not each.reason:
        return _("%(was)s corrected to %(right)s on %(when)s by %(name)s", **told)
    return _("%(was)s corrected to %(right)s on %(when)s by %(name)s: %(reason)s", reason=each.reason, **told)


def reading_words(territory: Territory, reading: TemperatureReading) -> str:
    """Say what was read when, by whom."""
    told = {
        "degrees": degrees(reading.tenths),
        "when": moment_words(territory, reading.at),
        "name": person_name(reading.person.name),
    }
    return _("%(degrees)s, read on %(when)s by %(name)s", **told)


def becomes_words(incident: Incident, outcome: str | None) -> str:
    """Say what becomes of a lot of an incident; nothing as long as nobody has said, or where nothing was left of it."""
    if incident.is_mistyped:
        return _("Typing mistake: nothing was too warm")
    return str(OUTCOMES[outcome]) if outcome else ""


def closed_words(incident: Incident) -> str:
    """Say when an incident was closed."""
    at = incident.closed_at or incident.at
    return _("Incident closed on %(when)s", when=moment_words(incident.territory, at))


def outcomes_words(incident: Incident, rows: Sequence[IncidentLot]) -> str:
    """Say what becomes of the lots of a closed incident: of each by its name where that is not the same of all."""
    becomes = {row.lot_id: becomes_words(incident, row.outcome) for row in rows}
    if len(set(becomes.values())) == 1:
        return next(iter(becomes.values()))
    said = [(row.lot.product, becomes[row.lot_id]) for row in rows if becomes[row.lot_id]]
    return " ".join(_("%(product)s: %(becomes)s.", product=name, becomes=what) for name, what in said)


def incident_facts(
    incident: Incident, closed_on: TemperatureReading | None = None
) -> list[tuple[str, str, str]]:
    """List what there is to know of an incident; also the reading in range on which it was closed."""
    closed = moment_words(incident.territory, incident.closed_at) if incident.closed_at else ""
    rows = [
        (_("Where"), where_words(incident), "pin"),
        (_("When"), moment_words(incident.territory, incident.at), "clock"),
        (_("Temperature measured"), degrees(incident.tenths), "thermometer"),
        *((_("Correction"), words, "edit") for words in corrections_words(incident)),
        (_("Alarm from"), degrees(incident.limit_tenths), "warning"),
        (_("Source of the limit"), str(SOURCES[incident.limit_source]), "info"),
        (_("Answers for it"), incident.organisation.name, "building"),
        (_("Closed on"), closed, "check"),
        (_("By"), person_name(incident.closed_by.name) if incident.closed_by else "", "user"),
        (
            _("How it ended"),
            _("Typing mistake: nothing was too warm") if incident.is_mistyped else "",
            "info",
        ),
        (
            _("Closed on the reading"),
            reading_words(incident.territory, closed_on) if closed_on else "",
            "thermometer",
        ),
        (_("Closed without a reading in range"), incident.why_unmeasured, "thermometer"),
        (_("Number"), incident.public_id, "file"),
    ]
    return [row for row in rows if row[1]]
