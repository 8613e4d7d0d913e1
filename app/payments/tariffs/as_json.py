"""A tariff as JSON and back: what is charged keeps the tariff it was reckoned with, as it was. Pure.

Everything is written out, so that a snapshot means the same when what is left out comes to mean something else.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final, NamedTuple, TypeVar

from app.core.money import EUR
from app.payments.amount_errors import BadTariff
from app.payments.tariffs.tariff import EVERY_DAY, Meter, PeakHours, Tariff, TariffLine, Tier, VatRegime, When

FORM: Final = 1  # of the JSON; a later form has another number, and reads this one
Choice = TypeVar("Choice", bound=StrEnum)
Piece = TypeVar("Piece")


def written(tariff: Tariff) -> dict[str, Any]:
    """Write a tariff as an object of JSON."""
    return {
        "form": FORM,
        "currency": tariff.currency,
        "vat_regime": tariff.vat_regime.value,
        "vat_bp": tariff.vat_bp,
        "coefficients_bp": dict(sorted(tariff.coefficients_bp.items())),
        "peaks": [
            {"weekdays": sorted(peak.weekdays), "start": peak.start, "end": peak.end} for peak in tariff.peaks
        ],
        "lines": [_written_line(line) for line in tariff.lines],
    }


def _written_line(line: TariffLine) -> dict[str, Any]:
    return {
        "meter": line.meter.value,
        "unit_cents": line.unit_cents,
        "label": line.label,
        "when": line.when.value,
        "tiers": [{"above_milli": tier.above_milli, "unit_cents": tier.unit_cents} for tier in line.tiers],
        "included_milli": line.included_milli,
        "step_milli": line.step_milli,
        "minimum_milli": line.minimum_milli,
    }


Bounds = tuple[int, int | None]


class Kept(NamedTuple):
    """What a charged line has kept: its tariff, its exact quantity, and the bounds of its tier, in thousandths."""

    tariff: Tariff
    quantity: Fraction
    tier: Bounds | None


def snapshot(tariff: Tariff, quantity: Fraction, tier: Bounds | None = None) -> dict[str, Any]:
    """Write what a charged line keeps: its tariff and exact quantity, from which its cents can be reckoned again."""
    return {"tariff": written(tariff), "quantity": str(quantity), "tier": list(tier) if tier else None}


def read_snapshot(form: Any) -> Kept:
    """Read what a charged line has kept; raise BadTariff for anything else."""
    kept = _Object(form, "")
    found = Kept(
        kept.of("tariff", lambda tariff, _path: read(tariff)),
        kept.of("quantity", _exact),
        kept.of("tier", _bounds, None),  # left out by what was charged before tiers were kept
    )
    kept.end()
    return found


def _bounds(form: Any, path: str) -> Bounds | None:
    match form:
        case None:
            return None
        case [int(above), int() | None as up_to]:
            return above, up_to
    raise BadTariff(field=path, reason="not_whole")


def read(form: Any) -> Tariff:
    """Read a tariff from JSON; raise BadTariff, with the way to the piece, for anything that is not exactly one."""
    top = _Object(form, "")
    top.of("form", _one_of(FORM), FORM)
    found = Tariff(
        currency=top.of("currency", _text, EUR),
        vat_regime=top.of("vat_regime", _choice(VatRegime)),
        vat_bp=top.of("vat_bp", _whole, 0),
        coefficients_bp=top.of("coefficients_bp", _coefficients, {}),
        peaks=top.of("peaks", _each(_peak), ()),
        lines=top.of("lines", _each(_line)),
    )
    top.end()
    return found


Read = Callable[[Any, str], Piece]


class _Object:
    """An object of JSON that is read name by name: what is left in the end is not known."""

    def __init__(self, form: Any, path: str) -> None:
        if not isinstance(form, Mapping):
            raise BadTariff(field=path, reason="no_object")
        self._left, self._path = dict(form), path

    def of(self, name: str, read_piece: Read[Piece], *default: Piece) -> Piece:
        """Read what has a name, or take the default where it is left out and there is one."""
        path = f"{self._path}.{name}".lstrip(".")
        if name in self._left:
            return read_piece(self._left.pop(name), path)
        if not default:
            raise BadTariff(field=path, reason="missing")
        return default[0]

    def end(self) -> None:
        """Refuse what nobody has read."""
        for name in self._left:
            raise BadTariff(field=f"{self._path}.{name}".lstrip("."), reason="unknown_field")


def _line(form: Any, path: str) -> TariffLine:
    line = _Object(form, path)
    found = TariffLine(
        meter=line.of("meter", _choice(Meter)),
        unit_cents=line.of("unit_cents", _whole),
        label=line.of("label", _text, ""),
        when=line.of("when", _choice(When), When.ALWAYS),
        tiers=line.of("tiers", _each(_tier), ()),
        included_milli=line.of("included_milli", _whole, 0),
        step_milli=line.of("step_milli", _whole, 0),
        minimum_milli=line.of("minimum_milli", _whole, 0),
    )
    line.end()
    return found


def _tier(form: Any, path: str) -> Tier:
    tier = _Object(form, path)
    found = Tier(tier.of("above_milli", _whole), tier.of("unit_cents", _whole))
    tier.end()
    return found


def _peak(form: Any, path: str) -> PeakHours:
    peak = _Object(form, path)
    weekdays = peak.of("weekdays", _each(_whole), tuple(EVERY_DAY))
    found = PeakHours(peak.of("start", _whole), peak.of("end", _whole), frozenset(weekdays))
    peak.end()
    return found


def _coefficients(form: Any, path: str) -> dict[str, int]:
    by_class = _Object(form, path)
    return {name: by_class.of(name, _whole) for name in form}


def _each(read_piece: Read[Piece]) -> Read[tuple[Piece, ...]]:
    def read_all(form: Any, path: str) -> tuple[Piece, ...]:
        if not isinstance(form, list):
            raise BadTariff(field=path, reason="no_list")
        return tuple(read_piece(piece, f"{path}.{number}") for number, piece in enumerate(form))

    return read_all


def _choice(kind: type[Choice]) -> Read[Choice]:
    def read_choice(form: Any, path: str) -> Choice:
        if not isinstance(form, str) or form not in {choice.value for choice in kind}:
            raise BadTariff(field=path, reason="not_offered")
        return kind(form)

    return read_choice


def _one_of(number: int) -> Read[int]:
    def read_number(form: Any, path: str) -> int:
        if _whole(form, path) != number:
            raise BadTariff(field=path, reason="not_offered")
        return number

    return read_number


def _whole(form: Any, path: str) -> int:
    if type(form) is not int:
        raise BadTariff(field=path, reason="not_whole")
    return form


def _exact(form: Any, path: str) -> Fraction:
    """Read a quantity as it is written: 13/4, or 3 where it is whole."""
    if not isinstance(form, str) or not re.fullmatch(r"\d{1,30}(/[1-9]\d{0,29})?", form, re.ASCII):
        raise BadTariff(field=path, reason="not_exact")
    return Fraction(form)


def _text(form: Any, path: str) -> str:
    if not isinstance(form, str):
        raise BadTariff(field=path, reason="no_text")
    return form
