"""An evidence pack as a PDF to be read, in French whoever asks."""

from collections.abc import Sequence

from flask_babel import gettext as _

from app.accounts.words import person_name
from app.supply.cargo_words import kilos
from app.supply.lots.lot_words import corrections_words
from app.supply.lots.models import Handover, HandoverLine, Incident, IncidentLot, TemperatureReading
from app.supply.lots.pack_words import (
    cut_words,
    day_of,
    drawn_words,
    incident_state,
    incident_story,
    lot_place,
    moment_of,
    note_state,
    period_words,
    reading_corrections,
    stay_words,
)
from app.supply.lots.paper import LANGUAGE, Part, sheet
from app.supply.lots.queries import Found, Kept, Pack, Period
from app.supply.lots.signatures import Signature, signatures_of
from app.supply.lots.words import (
    VERDICTS,
    becomes_words,
    dates_words,
    degrees,
    incident_words,
    measured_words,
    origin_words,
    receiver_words,
    returned_words,
    state_of,
    store_words,
    where_words,
)
from app.web.format import number
from app.web.i18n import speaking


def pdf(pack: Pack) -> bytes:
    """Set it in type."""
    with speaking(LANGUAGE):
        period = pack.period
        law = _("Regulation (EC) 178/2002, article 18: one step back, one step forward.")
        parts = [Part(pairs=about(pack), note=law), *lists(pack)]
        name = period.organisation.name
        foot = f"{name} · {period_words(period)}"
        return sheet(_("Evidence pack"), name, foot, parts, pack.drawn_at, cut_words(pack))


def about(pack: Pack) -> list[tuple[str, str]]:
    """Say whose pack it is, of which days, and of which instant."""
    return [
        (_("Organisation"), pack.period.organisation.name),
        (_("Period"), period_words(pack.period)),
        (_("State"), drawn_words(pack)),
    ]


def lists(pack: Pack) -> list[Part]:
    """Write the tables: lots, hand-overs, temperatures, incidents, and what was kept for others."""
    lots, notes, readings, incidents, kept = (number(total) for total in pack.totals)
    return [
        _lots_list(pack, lots),
        _notes_list(pack.period, pack.notes, notes),
        _readings_list(pack.period, pack.readings, readings),
        _incidents_list(pack, incidents),
        _kept_list(pack.period, pack.kept, kept),
    ]


def _list(title: str, heads: list[str], rows: list[list[str]]) -> Part:
    return Part(title, heads=heads, rows=rows, note="" if rows else _("None in this period."))


def _joined(*said: str) -> str:
    return " · ".join(each for each in said if each)


def _lots_list(pack: Pack, total: str) -> Part:
    heads = [_("Day"), _("Lot"), _("What"), _("Weight"), _("From"), _("Where"), _("Where it stands")]
    return _list(_("Lots (%(number)s)", number=total), heads, [_lot_line(pack, each) for each in pack.lots])


def _lot_line(pack: Pack, found: Found) -> list[str]:
    lot = found.lot
    return [
        day_of(lot.received_on),
        lot.public_id,
        _joined(lot.product, dates_words(lot)),
        kilos(lot.grams),
        origin_words(lot),
        lot_place(pack, lot) or "–",
        _joined(state_of(found)[1], lot.reason, *corrections_words(lot, pack.corrected[lot.id])),
    ]


def _notes_list(period: Period, notes: Sequence[Handover], total: str) -> Part:
    heads = [
        _("When"),
        _("Hand-over note"),
        _("What"),
        _("From"),
        _("To"),
        _("Temperature: given, received"),
        _("Where it stands"),
    ]
    rows = [_note_line(period, each) for each in notes]
    return _list(_("Hand-overs (%(number)s)", number=total), heads, rows)


def _note_line(period: Period, note: Handover) -> list[str]:
    signed = [*signatures_of(note), None, None]
    back = {returned_words(line) for line in note.lines}
    return [
        moment_of(period, note.at),
        note.public_id,
        ", ".join(_goods(line) for line in note.lines),
        _side(note.giver.name, signed[0]),
        _side(receiver_words(note), signed[1]),
        ", ".join(measured_words(each) or "–" for each in (note.tenths, note.received_tenths)),
        _joined(note_state(note), note.reason, *sorted(back)),
    ]


def _side(name: str, signed: Signature | None) -> str:
    """Name a side of a hand-over, with who signed for it and when."""
    if signed is None:
        return name
    return _("%(side)s. %(what)s %(name)s, %(when)s", side=name, **_told(signed))


def _told(signed: Signature) -> dict[str, str]:
    return {"what": signed.what, "name": signed.name, "when": signed.when}


def _goods(line: HandoverLine) -> str:
    """Say how much of what, of how much that was given, and until when it is good."""
    told = f"{line.lot.product} {kilos(line.moved_grams)}"
    if line.came_back_grams:
        told = _("%(goods)s of %(given)s given", goods=told, given=kilos(line.grams))
    until = dates_words(line.lot)
    return f"{told} ({until})" if until else told


def _readings_list(period: Period, readings: Sequence[TemperatureReading], total: str) -> Part:
    heads = [_("When"), _("Where"), _("Temperature"), _("What it says")]
    rows = [_reading_line(period, each) for each in readings]
    return _list(_("Temperatures (%(number)s)", number=total), heads, rows)


def _reading_line(period: Period, reading: TemperatureReading) -> list[str]:
    return [
        moment_of(period, reading.at),
        store_words(reading.resource),
        degrees(reading.tenths),
        _joined(str(VERDICTS[reading.verdict][1]), reading_corrections(period, reading)),
    ]


def _incidents_list(pack: Pack, total: str) -> Part:
    heads = [_("Opened"), _("Closed on"), _("Where"), _("Temperature"), _("Lots"), _("What was done")]
    rows = [_incident_line(pack, each, affected) for each, affected in pack.incidents]
    return _list(_("Incidents (%(number)s)", number=total), heads, rows)


def _incident_line(pack: Pack, incident: Incident, rows: Sequence[IncidentLot]) -> list[str]:
    mistyped = becomes_words(incident, None)
    closed = moment_of(pack.period, incident.closed_at) if incident.closed_at else incident_state(incident)
    return [
        moment_of(pack.period, incident.at),
        _joined(closed, person_name(incident.closed_by.name) if incident.closed_by else "", mistyped),
        where_words(incident),
        incident_words(incident),
        ", ".join(_affected(incident, row) for row in rows) or "–",
        _joined(*incident_story(pack, incident)) or "–",
    ]


def _affected(incident: Incident, row: IncidentLot) -> str:
    """Name a lot that an incident affects, with what becomes of it."""
    named = f"{row.lot.product} ({row.lot.public_id})"
    becomes = becomes_words(incident, row.outcome)
    return f"{named} – {becomes}" if becomes else named


def _kept_list(period: Period, kept: Sequence[Kept], total: str) -> Part:
    heads = [_("From"), _("Until"), _("Lot"), _("What"), _("Weight"), _("Whose"), _("Where")]
    rows = [_kept_line(period, each) for each in kept]
    return _list(_("Kept for others (%(number)s)", number=total), heads, rows)


def _kept_line(period: Period, kept: Kept) -> list[str]:
    lot = kept.lot
    return [
        moment_of(period, kept.since),
        moment_of(period, kept.until) if kept.until else stay_words(kept),
        lot.public_id,
        _joined(lot.product, dates_words(lot)),
        kilos(lot.grams),
        lot.organisation.name,
        store_words(kept.place),
    ]
