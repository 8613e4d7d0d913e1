"""What the files of an evidence pack both say, each in its own form: the page says some of it, too."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.core.span import to_wall
from app.supply.lots.models import Handover, Incident, Lot, ReadingCorrection, TemperatureReading
from app.supply.lots.queries import Kept, Pack, Period
from app.supply.lots.rules import MOST_ROWS
from app.supply.lots.words import (
    INCIDENT_STATES,
    NOTE_STATES,
    VERDICTS,
    becomes_words,
    corrections_words,
    degrees,
    moment_words,
    reading_words,
    store_words,
)


def period_words(period: Period) -> str:
    """Write the days of a pack."""
    return _("from %(first)s to %(last)s included", first=day_of(period.first), last=day_of(period.last))


def drawn_words(pack: Pack) -> str:
    """Say when a pack was drawn up: it is the state of that instant, and the next one may have more."""
    when = moment_words(pack.period.organisation.territory, pack.drawn_at)
    return _(
        "Drawn up on %(when)s, with all that was written about these days by then. What is added or corrected later "
        "shows when it is drawn up anew.",
        when=when,
    )


def cut_words(pack: Pack) -> str:
    """Say that there is more than is shown; nothing where there is not."""
    if not pack.is_cut:
        return ""
    return _n(
        "There is more: only the first %(num)s line of each list is here. Choose a shorter period.",
        "There is more: only the first %(num)s lines of each list are here. Choose a shorter period.",
        MOST_ROWS,
    )


def lot_place(pack: Pack, lot: Lot) -> str:
    """Say where a lot is; of what was destroyed, where it was."""
    place = lot.resource or pack.last_places.get(lot.id)
    return store_words(place) if place else ""


def stay_words(kept: Kept) -> str:
    """Say whether what was kept for others is still there."""
    return _("kept until then") if kept.until else _("still there at the end of the period")


def note_state(note: Handover) -> str:
    """Say where a note stands, and that its receiver contests what was signed in its name."""
    state = str(NOTE_STATES[note.state][1])
    is_contested = note.answer is not None and not note.answer.is_right
    return _("%(state)s, contested", state=state) if is_contested else state


def incident_state(incident: Incident) -> str:
    """Say that an incident was a typing mistake, else where it stands."""
    return becomes_words(incident, None) or str(INCIDENT_STATES[incident.state][1])


def incident_story(pack: Pack, incident: Incident) -> list[str]:
    """Say how the figures of an incident were corrected, what was done, and on which reading it was closed, if any."""
    told = [*corrections_words(incident), incident.measures]
    if (reading := pack.closed_on.get(incident.id)) is not None:
        read = reading_words(incident.territory, reading)
        verdict = VERDICTS[reading.verdict][1]
        told.append(_("closed on the reading %(reading)s: %(verdict)s", reading=read, verdict=verdict))
    if incident.why_unmeasured:
        told.append(_("closed without a reading in range: %(why)s", why=incident.why_unmeasured))
    return [each for each in told if each]


def reading_corrections(period: Period, reading: TemperatureReading) -> str:
    """Say in the order of time which figure was noted first, when it was corrected and why, and when found right."""
    looked = reading.corrections
    told = [_looked_again(period, each) for each in looked]
    if any(not each.is_confirmed for each in looked):
        told.insert(0, _("noted first: %(was)s", was=degrees(looked[0].was_tenths)))
    return ", ".join(told)


def _looked_again(period: Period, each: ReadingCorrection) -> str:
    when = moment_of(period, each.at)
    if each.is_confirmed:
        return _("confirmed on %(when)s", when=when)
    told = {"right": degrees(each.tenths), "when": when}
    if not each.reason:
        return _("corrected to %(right)s on %(when)s", **told)
    return _("corrected to %(right)s on %(when)s (%(reason)s)", reason=each.reason, **told)


def wall_of(period: Period, at: datetime) -> datetime:
    """Read an instant by the clock of the territory."""
    return to_wall(at, ZoneInfo(period.organisation.territory.timezone))


def day_of(value: date) -> str:
    """Write a day in a column."""
    return f"{value:%d/%m/%Y}"


def moment_of(period: Period, at: datetime) -> str:
    """Write an instant in a column."""
    return f"{wall_of(period, at):%d/%m/%Y %H:%M}"
