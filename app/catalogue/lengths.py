"""A length of time typed as people say it: a number and its unit, kept in minutes."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from wtforms import Field

from app.web.format import duration
from app.web.numbers import read_number, typed_number

MINUTES: Mapping[str, int] = {"minutes": 1, "hours": 60, "days": 1440, "weeks": 7 * 1440}
_WORDS: Mapping[str, LazyString] = {
    "minutes": _l("minutes"), "hours": _l("hours"), "days": _l("days"), "weeks": _l("weeks"),
}  # fmt: skip


class _LengthWidget:
    """A number input and a select of units that share the field's name, so that both arrive together."""

    validation_attrs: Sequence[str] = ("required",)

    def __call__(self, field: "LengthField", **given: Any) -> Markup:
        number, unit = field.shown()
        extra = Markup("").join(
            Markup(' {}="{}"').format(name.replace("_", "-"), value)
            for name, value in given.items()
            if name != "id"
        )
        options = Markup("").join(
            Markup('<option value="{}"{}>{}</option>').format(
                name, Markup(" selected") if name == unit else "", _WORDS[name]
            )
            for name in field.units
        )
        unit_label = _("%(field)s: unit", field=field.label.text)
        return Markup(
            '<span class="with-suffix length"><input id="{id}" name="{name}" value="{number}" inputmode="decimal"'
            ' autocomplete="off"{extra}><select name="{name}" aria-label="{label}">{options}</select></span>'
        ).format(
            id=field.id,
            name=field.name,
            number=number,
            extra=extra,
            label=escape(unit_label),
            options=options,
        )


class LengthField(Field):
    """A length; `data` is whole minutes. `least` and `most` (minutes) bound it; an empty one is `least`.

    An `optional` one may stay empty: its `data` is None then.
    """

    widget = _LengthWidget()

    def __init__(
        self,
        label: Any = None,
        *,
        units: Sequence[str] = ("minutes", "hours", "days"),
        least: int = 0,
        most: int,
        optional: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, **kwargs)
        self.optional = optional
        self.flags.required = not optional  # there is always a value: an empty one means the least
        self.units, self.least, self.most = tuple(units), least, most

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        typed = valuelist[0].strip()
        unit = valuelist[1] if len(valuelist) > 1 and valuelist[1] in self.units else self.units[0]
        empty = None if self.optional else self.least
        self.data = self._minutes(typed, unit) if typed else empty

    def _minutes(self, typed: str, unit: str) -> int:
        number = read_number(typed)
        if number is None:
            raise ValueError(_("Enter a number, like 12 or 1.5."))
        minutes = number * MINUTES[unit]
        if not self.least <= minutes <= self.most:
            least, most = duration(self.least), duration(self.most)
            raise ValueError(_("Enter a length from %(least)s to %(most)s.", least=least, most=most))
        if minutes != int(minutes):
            raise ValueError(_("Enter whole minutes."))
        return int(minutes)

    def shown(self) -> tuple[str, str]:
        """Give the number and the unit to show: as typed, else in the largest unit that fits."""
        if self.raw_data:
            unit = str(self.raw_data[1]) if len(self.raw_data) > 1 else self.units[0]
            return str(self.raw_data[0]), unit
        if self.optional and self.data is None:
            return "", self.units[0]
        minutes = int(self.data or 0)
        for unit in reversed(self.units):
            if unit != "weeks" and minutes and minutes % MINUTES[unit] == 0:
                return str(minutes // MINUTES[unit]), unit
        return typed_number(Decimal(minutes) / MINUTES[self.units[0]]), self.units[0]
