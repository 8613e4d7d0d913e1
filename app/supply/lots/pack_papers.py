"""An evidence pack as it is handed over, in French whoever asks: a PDF to be read, and a table to be sorted."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.core import clock
from app.core.span import to_wall
from app.infra.tables import as_csv
from app.supply.cargo import KILO
from app.supply.cargo_words import REGIMES, kilos
from app.supply.lots.models import Handover, HandoverLine, Incident, IncidentLot, Lot, TemperatureReading
from app.supply.lots.paper import LANGUAGE, Part, sheet
from app.supply.lots.queries import Found, Pack, Period, stakes_of
from app.supply.lots.rules import MOST_ROWS
from app.supply.lots.signatures import on_spot_words
from app.supply.lots.words import (
    INCIDENT_STATES,
    NOTE_STATES,
    VERDICTS,
    becomes_words,
    dates_words,
    degrees,
    incident_words,
    measured_words,
    origin_words,
    place_words,
    receiver_words,
    returned_words,
    state_of,
    where_words,
)
from app.web.format import number
from app.web.i18n import speaking

FIELDS: Final = (
    "nature", "date", "heure", "numero", "lot", "produit", "kg", "regime", "dlc", "ddm", "temperature_c",
    "temperature_reception_c", "de", "a", "lieu", "etat", "precisions",
)  # fmt: skip  # docs/traceability.md says what each is


def csv(pack: Pack) -> str:
    """Write everything as one table: a line for each lot, line of a note, reading, and lot of an incident."""
    with speaking(LANGUAGE):
        rows = [*_lot_rows(pack), *_note_rows(pack), *_reading_rows(pack), *_incident_rows(pack)]
        return as_csv(FIELDS, [[row.get(name, "") for name in FIELDS] for row in rows])


def pdf(pack: Pack) -> bytes:
    """Set it in type."""
    with speaking(LANGUAGE):
        period = pack.period
        about = [
            (_("Organisation"), period.organisation.name),
            (_("Period"), period_words(period)),
            (_("Made on"), _moment(period, clock.now())),
        ]
        law = _("Regulation (EC) 178/2002, article 18: one step back, one step forward.")
        parts = [Part(pairs=about, note=law), *_lists(pack)]
        name = period.organisation.name
        return sheet(
            _("Evidence pack"), name, f"{name} · {period_words(period)}", parts, clock.now(), cut_words(pack)
        )


def period_words(period: Period) -> str:
    """Write the days of a pack."""
    return _("from %(first)s to %(last)s included", first=_day(period.first), last=_day(period.last))


def cut_words(pack: Pack) -> str:
    """Say that there is more than is shown; nothing where there is not."""
    if not pack.is_cut:
        return ""
    return _n(
        "There is more: only the first %(num)s line of each list is here. Choose a shorter period.",
        "There is more: only the first %(num)s lines of each list are here. Choose a shorter period.",
        MOST_ROWS,
    )


# -- the table ------------------------------------------------------------------------------------------------


def _lot_rows(pack: Pack) -> Iterator[dict[str, str]]:
    for found in pack.lots:
        lot = found.lot
        yield {
            "nature": "lot",
            "date": lot.received_on.isoformat(),
            "numero": lot.public_id,
            **_of(lot, lot.grams),
            "de": origin_words(lot),
            "a": lot.organisation.name,
            "lieu": place_words(lot),
            "etat": state_of(found)[1],
            "precisions": lot.reason or lot.note,
        }


def _note_rows(pack: Pack) -> Iterator[dict[str, str]]:
    for note in pack.notes:
        signed = [each for each in (note.given_name, note.received_name, on_spot_words(note)) if each]
        for line in note.lines:
            yield {
                "nature": "remise",
                **_when(pack, note.at),
                "numero": note.public_id,
                **_of(line.lot, line.moved_grams),
                "temperature_c": _celsius(note.tenths),
                "temperature_reception_c": _celsius(note.received_tenths),
                "de": note.giver.name,
                "a": receiver_words(note),
                "etat": _note_state(note),
                "precisions": " ; ".join(
                    each for each in (*signed, note.reason, returned_words(line)) if each
                ),
            }


def _reading_rows(pack: Pack) -> Iterator[dict[str, str]]:
    for each in pack.readings:
        yield {
            "nature": "temperature",
            **_when(pack, each.at),
            "temperature_c": _celsius(each.tenths),
            "de": each.resource.site.owner.name,
            "lieu": _place(each),
            "etat": str(VERDICTS[each.verdict][1]),
            "precisions": " ; ".join(_corrections(pack.period, each)),
        }


def _incident_rows(pack: Pack) -> Iterator[dict[str, str]]:
    for incident, rows in pack.incidents:
        told = {
            "nature": "incident",
            **_when(pack, incident.at),
            "numero": incident.public_id,
            "temperature_c": _celsius(incident.tenths),
            "lieu": where_words(incident),
            "etat": _incident_state(incident),
            "precisions": _done_words(incident),
        }
        back = stakes_of(incident) if incident.is_return else {}
        for row in rows:
            state = becomes_words(incident, row.outcome) or told["etat"]
            grams = back.get(row.lot_id, row.lot.grams)
            yield {**told, **_of(row.lot, grams), "a": row.lot.organisation.name, "etat": state}
        if not rows:
            yield told


def _of(lot: Lot, grams: int) -> dict[str, str]:
    return {
        "lot": lot.public_id,
        "produit": lot.product,
        "kg": f"{grams / KILO:.3f}".rstrip("0").rstrip(".").replace(".", ","),
        "regime": str(REGIMES[lot.regime]),
        "dlc": lot.use_by.isoformat() if lot.use_by else "",
        "ddm": lot.best_before.isoformat() if lot.best_before else "",
    }


def _celsius(tenths: int | None) -> str:
    return f"{tenths / 10:.1f}".replace(".", ",") if tenths is not None else ""


def _when(pack: Pack, at: datetime) -> dict[str, str]:
    wall = to_wall(at, ZoneInfo(pack.period.organisation.territory.timezone))
    return {"date": wall.date().isoformat(), "heure": f"{wall:%H:%M}"}


# -- the sheets -----------------------------------------------------------------------------------------------


def _lists(pack: Pack) -> list[Part]:
    period = pack.period
    lots, notes, readings, incidents = (number(total) for total in pack.totals)
    return [
        _lots_list(pack.lots, lots),
        _notes_list(period, pack.notes, notes),
        _readings_list(period, pack.readings, readings),
        _incidents_list(period, pack.incidents, incidents),
    ]


def _lots_list(lots: Sequence[Found], total: str) -> Part:
    heads = [
        _("Day"),
        _("Lot"),
        _("What"),
        _("Weight"),
        _("From"),
        _("Use by"),
        _("Best before"),
        _("Where it stands"),
    ]
    return _list(_("Lots (%(number)s)", number=total), heads, [_lot_line(each) for each in lots])


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


def _readings_list(period: Period, readings: Sequence[TemperatureReading], total: str) -> Part:
    heads = [_("When"), _("Where"), _("Temperature"), _("What it says")]
    rows = [_reading_line(period, each) for each in readings]
    return _list(_("Temperatures (%(number)s)", number=total), heads, rows)


def _incidents_list(
    period: Period, incidents: Sequence[tuple[Incident, Sequence[IncidentLot]]], total: str
) -> Part:
    heads = [_("When"), _("Where"), _("Temperature"), _("Lots"), _("What was done")]
    rows = [_incident_line(period, each, affected) for each, affected in incidents]
    return _list(_("Incidents (%(number)s)", number=total), heads, rows)


def _list(title: str, heads: list[str], rows: list[list[str]]) -> Part:
    return Part(title, heads=heads, rows=rows, note="" if rows else _("None in this period."))


def _lot_line(found: Found) -> list[str]:
    lot = found.lot
    return [
        _day(lot.received_on),
        lot.public_id,
        lot.product,
        kilos(lot.grams),
        origin_words(lot),
        _day(lot.use_by) if lot.use_by else "–",
        _day(lot.best_before) if lot.best_before else "–",
        state_of(found)[1],
    ]


def _note_line(period: Period, note: Handover) -> list[str]:
    goods = ", ".join(_goods(line) for line in note.lines)
    sides = [note.giver.name, receiver_words(note)]
    return [
        _moment(period, note.at),
        note.public_id,
        goods,
        *sides,
        ", ".join(measured_words(each) or "–" for each in (note.tenths, note.received_tenths)),
        _note_state(note),
    ]


def _reading_line(period: Period, reading: TemperatureReading) -> list[str]:
    says = [str(VERDICTS[reading.verdict][1]), *_corrections(period, reading)]
    return [
        _moment(period, reading.at),
        _place(reading),
        degrees(reading.tenths),
        " · ".join(says),
    ]


def _goods(line: HandoverLine) -> str:
    """Say how much of what, and until when it is good."""
    told = f"{line.lot.product} {kilos(line.moved_grams)}"
    until = dates_words(line.lot)
    return f"{told} ({until})" if until else told


def _note_state(note: Handover) -> str:
    """Say where a note stands, and that its receiver contests what was signed in its name."""
    state = str(NOTE_STATES[note.state][1])
    is_contested = note.answer is not None and not note.answer.is_right
    return _("%(state)s, contested", state=state) if is_contested else state


def _incident_line(period: Period, incident: Incident, rows: Sequence[IncidentLot]) -> list[str]:
    named = ", ".join(_affected(incident, row) for row in rows) or "–"
    done = _done_words(incident) or _incident_state(incident)
    return [_moment(period, incident.at), where_words(incident), incident_words(incident), named, done]


def _affected(incident: Incident, row: IncidentLot) -> str:
    """Name a lot that an incident affects, with what becomes of it."""
    named = f"{row.lot.product} ({row.lot.public_id})"
    becomes = becomes_words(incident, row.outcome)
    return f"{named} – {becomes}" if becomes else named


def _done_words(incident: Incident) -> str:
    """Say what was done about an incident, and why nobody knew that the place was cold again."""
    return " ; ".join(each for each in (incident.measures, incident.why_unmeasured) if each)


def _incident_state(incident: Incident) -> str:
    """Say that an incident was a typing mistake, else where it stands."""
    return becomes_words(incident, None) or str(INCIDENT_STATES[incident.state][1])


def _corrections(period: Period, reading: TemperatureReading) -> list[str]:
    """Say which figures were noted before, when that was corrected and why, and when it was found right."""
    said = []
    for each in reading.corrections:
        when, reason = _moment(period, each.at), each.reason or "–"
        if each.is_confirmed:
            said.append(_("confirmed on %(when)s", when=when))
        else:
            was = degrees(each.was_tenths)
            said.append(
                _(
                    "noted first: %(was)s, corrected on %(when)s: %(reason)s",
                    was=was,
                    when=when,
                    reason=reason,
                )
            )
    return said


def _place(reading: TemperatureReading) -> str:
    return f"{reading.resource.name}, {reading.resource.site.name}"


def _day(value: date) -> str:
    return f"{value:%d/%m/%Y}"


def _moment(period: Period, at: datetime) -> str:
    return f"{to_wall(at, ZoneInfo(period.organisation.territory.timezone)):%d/%m/%Y %H:%M}"
