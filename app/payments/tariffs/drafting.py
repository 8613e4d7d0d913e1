"""What is typed into the form of a tariff: rows that come and go, amounts as people write them. Nothing typed is lost.

The names of the fields are the ways to the pieces of a tariff (`lines.0.tiers.1.unit_cents`): what is wrong with one is
told at its field.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from app.accounts.rules import PRIORITY_CLASSES
from app.core.errors import DomainError, TextTooLong
from app.core.money import MILLI
from app.core.span import to_wall
from app.payments.amount_errors import BadTariff
from app.payments.tariffs.as_json import read
from app.payments.tariffs.tariff import MOST_LINES, MOST_PEAKS, MOST_TIERS, Meter, Tariff, TariffLine
from app.web.numbers import read_number, typed_number

LONGEST_NOTE: Final = 500
MOST_DAYS_AHEAD: Final = 731
_LONGEST: Final = 200  # letters of any other field
_LINE: Final = ("meter", "when", "unit_cents", "label", "included_milli", "step_milli", "minimum_milli")
_TIER: Final = ("above_milli", "unit_cents")
_PEAK: Final = ("start", "end")
_TOP: Final = ("vat_regime", "vat_bp", "starts_on", "note")
_SCALES: Final = {"cents": 100, "bp": 100, "milli": MILLI}

Row = dict[str, str]


@dataclass
class LineDraft:
    """One line as typed, and the other prices beyond some quantities."""

    typed: Row
    tiers: list[Row] = field(default_factory=list)


@dataclass
class PeakDraft:
    """Peak hours as typed, and the days of the week that are ticked."""

    typed: Row
    weekdays: list[str] = field(default_factory=list)


@dataclass
class Draft:
    """A tariff as typed, and what is wrong by the name of the field."""

    lines: list[LineDraft]
    peaks: list[PeakDraft] = field(default_factory=list)
    typed: Row = field(default_factory=dict)
    coefficients: Row = field(default_factory=dict)  # in percent, by class
    errors: dict[str, DomainError] = field(default_factory=dict)

    # -- rows that come and go --------------------------------------------------------------------------------

    def press(self, button: str) -> None:
        """Add or take away a row: `lines.add`, `lines.2.remove`, `lines.2.tiers.add`, `peaks.0.remove`…"""
        match button.split("."):
            case ["lines", "add"]:
                self._add("lines", self.lines, LineDraft({"meter": "hour"}), MOST_LINES)
            case ["peaks", "add"]:
                self._add("peaks", self.peaks, PeakDraft({}, [*"01234"]), MOST_PEAKS)
            case ["lines", number, "tiers", "add"] if line := _at(self.lines, number):
                self._add(f"lines.{number}.tiers", line.tiers, {}, MOST_TIERS)
            case ["lines", number, "remove"]:
                _drop(self.lines, number)
            case ["peaks", number, "remove"]:
                _drop(self.peaks, number)
            case ["lines", number, "tiers", tier, "remove"] if line := _at(self.lines, number):
                _drop(line.tiers, tier)

    def _add(self, name: str, rows: list[Any], row: Any, most: int) -> None:
        if len(rows) < most:
            rows.append(row)
        else:
            self.wrong(name, "too_many")

    def wrong(self, name: str, reason: str) -> None:
        """Note what is wrong with a field; what was found first stays."""
        self.errors.setdefault(name, BadTariff(field=name, reason=reason))

    # -- what it comes to -------------------------------------------------------------------------------------

    def tariff(self) -> Tariff | None:
        """Read what was typed as a tariff; None where something is wrong with it (`errors`)."""
        form = {
            "vat_regime": self.typed.get("vat_regime", ""),
            "vat_bp": self._number("vat_bp", self.typed),
            "coefficients_bp": dict(self._coefficients()),
            "peaks": [self._peak(f"peaks.{number}", peak) for number, peak in enumerate(self.peaks)],
            "lines": [self._line(f"lines.{number}", line) for number, line in enumerate(self.lines)],
        }
        if not form["vat_regime"]:
            self.wrong("vat_regime", "regime_missing")
        if self.errors:
            return None
        try:
            return read(form)
        except BadTariff as first:
            for error in (first, *first.beside):
                self.errors.setdefault(str(error.facts["field"]), error)
            return None

    def starts_at(self, zone: ZoneInfo, now: datetime) -> datetime | None:
        """Read from when on it holds: None for now, else the midnight at which a later day begins."""
        typed, today = self.typed.get("starts_on", ""), to_wall(now, zone).date()
        try:
            day = date.fromisoformat(typed) if typed else today
        except ValueError:
            self.wrong("starts_on", "bad_day")
            return None
        if day < today:
            self.wrong("starts_on", "past_day")
        elif (day - today).days > MOST_DAYS_AHEAD:
            self.wrong("starts_on", "far_day")
        elif day > today:
            return datetime.combine(day, time(), zone)
        return None

    def note(self) -> str:
        """Read why it changes."""
        note = self.typed.get("note", "")
        if len(note) > LONGEST_NOTE:
            self.errors["note"] = TextTooLong(field="note", max=LONGEST_NOTE)
        return note

    def _line(self, path: str, line: LineDraft) -> dict[str, Any]:
        if not line.typed.get("unit_cents"):
            self.wrong(f"{path}.unit_cents", "price_missing")
        numbers = {name: self._number(name, line.typed, path) for name in _LINE if _scale(name)}
        tiers = [self._tier(f"{path}.tiers.{number}", tier) for number, tier in enumerate(line.tiers)]
        words = {name: line.typed.get(name, "") for name in ("meter", "label")}
        return {**words, **numbers, "when": line.typed.get("when") or "always", "tiers": tiers}

    def _tier(self, path: str, tier: Row) -> dict[str, Any]:
        if not tier.get("above_milli"):
            self.wrong(f"{path}.above_milli", "limit_missing")
        if not tier.get("unit_cents"):
            self.wrong(f"{path}.unit_cents", "price_missing")
        return {name: self._number(name, tier, path) for name in _TIER}

    def _peak(self, path: str, peak: PeakDraft) -> dict[str, Any]:
        if not peak.weekdays:
            self.wrong(f"{path}.weekdays", "days_missing")
        return {
            "weekdays": [int(day) for day in peak.weekdays],
            "start": _minute(peak.typed.get("start", "")),
            "end": _minute(peak.typed.get("end", "")),
        }

    def _coefficients(self) -> Iterator[tuple[str, int]]:
        for priority, typed in self.coefficients.items():
            if typed:
                name = f"coefficients_bp.{priority}"
                yield priority, self._number(name, {name: typed})

    def _number(self, name: str, typed: Row, path: str = "") -> int:
        """Read an amount, a percentage or a quantity as the whole number it is kept as; nothing typed is 0."""
        words, full = typed.get(name, ""), f"{path}.{name}".lstrip(".")
        number = read_number(words) if words else Decimal(0)
        if number is None:
            self.wrong(full, "not_a_number")
            return 0
        scaled = number * _scale(name)
        if scaled != scaled.to_integral_value():
            self.wrong(full, "too_fine")
        return int(scaled)


def _scale(name: str) -> int:
    """Tell how many of what is kept are one of what is typed; 0 for what is no number."""
    kept = "bp" if name.startswith("coefficients_bp") else name.rpartition("_")[2]
    return _SCALES.get(kept, 0)


def _minute(clock: str) -> int:
    hours, _mark, minutes = clock.partition(":")
    if hours.isascii() and hours.isdigit() and minutes.isascii() and minutes.isdigit() and len(clock) == 5:
        return int(hours) * 60 + int(minutes)
    return -1  # out of bounds, and told as such


def _at(rows: list[Any], number: str) -> Any:
    """Find a row by what the form calls it; None for what is no number of a row."""
    is_number = number.isascii() and number.isdigit() and len(number) <= 4
    return rows[int(number)] if is_number and int(number) < len(rows) else None


def _drop(rows: list[Any], number: str) -> None:
    row = _at(rows, number)
    rows[:] = [each for each in rows if each is not row]


# -- reading and filling the form -----------------------------------------------------------------------------


def read_draft(form: MultiDict[str, str]) -> Draft:
    """Read what was typed, row by row, as far as there are fields."""
    draft = Draft(
        lines=[
            _read_line(form, f"lines.{number}")
            for number in _present(form, "lines", "unit_cents", MOST_LINES)
        ],
        peaks=[
            _read_peak(form, f"peaks.{number}") for number in _present(form, "peaks", "start", MOST_PEAKS)
        ],
        typed=_read(form, "", _TOP),
    )
    draft.coefficients = {each: _typed(form, f"coefficients_bp.{each}") for each in PRIORITY_CLASSES}
    return draft


def _read_line(form: MultiDict[str, str], path: str) -> LineDraft:
    tiers = _present(form, f"{path}.tiers", "above_milli", MOST_TIERS)
    return LineDraft(
        _read(form, f"{path}.", _LINE), [_read(form, f"{path}.tiers.{number}.", _TIER) for number in tiers]
    )


def _read_peak(form: MultiDict[str, str], path: str) -> PeakDraft:
    days = [day for day in form.getlist(f"{path}.weekdays") if day in {*"0123456"}]
    return PeakDraft(_read(form, f"{path}.", _PEAK), days)


def _read(form: Mapping[str, str], path: str, names: tuple[str, ...]) -> Row:
    return {name: _typed(form, f"{path}{name}") for name in names}


def _typed(form: Mapping[str, str], name: str) -> str:
    longest = LONGEST_NOTE + 1 if name == "note" else _LONGEST
    return (form.get(name) or "").replace("\0", "").strip()[:longest]


def _present(form: Mapping[str, str], path: str, name: str, most: int) -> Iterator[int]:
    return (number for number in range(most) if f"{path}.{number}.{name}" in form)


def draft_of_lines(lines: Iterable[TariffLine]) -> Draft:
    """Begin a tariff with some lines, the VAT regime still to be said; without any, with an empty one."""
    drafted = [_drafted(line) for line in lines]
    return Draft(drafted or [LineDraft({"meter": Meter.HOUR.value})])


def draft_of(tariff: Tariff) -> Draft:
    """Write a tariff as it would be typed, ready to be changed."""
    return Draft(
        lines=[_drafted(line) for line in tariff.lines],
        peaks=[
            PeakDraft(
                {"start": _clock(peak.start), "end": _clock(peak.end)}, [*map(str, sorted(peak.weekdays))]
            )
            for peak in tariff.peaks
        ],
        typed={"vat_regime": tariff.vat_regime.value, "vat_bp": _shown(tariff.vat_bp, 100)},
        coefficients={
            each: _shown(tariff.coefficients_bp[each], 100, zero="0")
            if each in tariff.coefficients_bp
            else ""
            for each in PRIORITY_CLASSES
        },
    )


def _drafted(line: TariffLine) -> LineDraft:
    typed = {
        "meter": line.meter.value,
        "when": line.when.value,
        "label": line.label,
        "unit_cents": _euros(line.unit_cents),
        **{
            name: _shown(getattr(line, name), MILLI)
            for name in ("included_milli", "step_milli", "minimum_milli")
        },
    }
    tiers = [
        {"above_milli": _shown(tier.above_milli, MILLI), "unit_cents": _euros(tier.unit_cents)}
        for tier in line.tiers
    ]
    return LineDraft(typed, tiers)


def _euros(cents: int) -> str:
    return typed_number(Decimal(cents) / 100, decimals=2)


def _shown(number: int, scale: int, zero: str = "") -> str:
    return typed_number((Decimal(number) / scale).normalize()) if number else zero


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
