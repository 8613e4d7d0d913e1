"""The shape of what is typed about a cost: who shares it and by which key, what was measured."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeVar

from flask import request
from flask_babel import gettext as _
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.accounts.models import Organisation
from app.core.money import MILLI
from app.payments.models import CostPlan
from app.payments.service import Part, WantedSharing
from app.payments.splits.keys import KeyKind
from app.payments.tariffs.tariff import Meter
from app.web.forms import Form, OnceForm, _l
from app.web.numbers import read_number, typed_number

LEAST_LINES, MOST_LINES = 3, 12
LONGEST = 20
_NUMBER = {"inputmode": "decimal", "autocomplete": "off"}


class KeyWords(NamedTuple):
    """A key in words: what it is, what is typed then, and what a part is called."""

    label: Any
    help: Any
    part: Any = ""


KEYS: Final[Mapping[KeyKind, KeyWords]] = {
    KeyKind.SINGLE: KeyWords(
        _l("One organisation bears all of it"), _l("Type 1 on its line."), _l("1 for the one that bears all")
    ),
    KeyKind.EQUAL: KeyWords(_l("In equal parts"), _l("Choose the organisations: nothing else is typed.")),
    KeyKind.WEIGHTS: KeyWords(
        _l("In parts that were agreed"), _l("2 and 1: two thirds and one third."), _l("Number of parts")
    ),
    KeyKind.PERCENT: KeyWords(_l("By percentages"), _l("They come to 100 in all."), _l("Percentage")),
    KeyKind.METERED: KeyWords(
        _l("By what was measured of each"),
        _l("Kilograms, pallets or kilometres: the same unit for all."),
        _l("Measured"),
    ),
    KeyKind.ABILITY: KeyWords(
        _l("By what each can bear"),
        _l("1 for a small, 2 for a middling, 5 for a large organisation."),
        _l("Size: 1, 2 or 5"),
    ),
}
# How much of what is kept one of what is typed is: percentages are kept in basis points, measures in thousandths.
_SCALES: Final[Mapping[KeyKind, int]] = {KeyKind.PERCENT: 100, KeyKind.METERED: MILLI}


class SharingForm(Form):
    """How a cost is shared; `sharing_form` adds a line for whoever books, and lines for others."""

    lines: Sequence[str] = ()
    line_count = HiddenField()
    key = RadioField(
        _l("How the cost is shared"), choices=[(kind.value, words.label) for kind, words in KEYS.items()]
    )
    residual = SelectField(
        _l("Who pays what ceilings leave"),
        description=_l("Only where somebody has a ceiling."),
        validators=[Optional()],
    )

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        """Give the fields of each line: the organisation (None for whoever books), the part, the most."""
        own = (None, self["part_own"], self["most_own"])
        return [own, *((self[f"who_{n}"], self[f"part_{n}"], self[f"most_{n}"]) for n in self.lines)]

    part_words = tuple((kind.value, words.part) for kind, words in KEYS.items() if words.part)

    @staticmethod
    def help_of(key: str) -> Any:
        """Say what is typed where a key is chosen."""
        return KEYS[KeyKind(key)].help

    @property
    def kind(self) -> KeyKind:
        """The key that was chosen."""
        return KeyKind(self.key.data)

    @property
    def names_others(self) -> bool:
        """Tell whether somebody else is chosen to share it."""
        return any(who is not None and who.data for who, _part, _most in self.rows)

    @property
    def is_begun(self) -> bool:
        """Tell whether something is typed on the line of somebody else."""
        return any(who is not None and (who.data or part.data or most.data) for who, part, most in self.rows)

    def read(self, own_id: int, ids: Mapping[str, int]) -> WantedSharing | None:
        """Read how it is to be shared, by the ids of organisations; None where something is wrong, which is said."""
        parts = self.parts(own_id, ids) if self.validate() else None
        return WantedSharing(self.kind, tuple(parts), ids.get(self.residual.data or "")) if parts else None

    def parts(self, own_id: int, ids: Mapping[str, int]) -> list[Part] | None:
        """Read the parts, by the ids of organisations; None where a number cannot be read, which is then said."""
        for who, part, most in self.rows:
            if who is not None and not who.data and (part.data or most.data):
                self.refuse(who.name, _("Choose which organisation this is for, or leave its part empty."))
        found = [
            Part(own_id if who is None else ids[who.data], *numbers)
            for who, part, most in self.rows
            if (who is None or who.data) and (numbers := self._numbers(part, most)) is not None
        ]
        return None if any(field.errors for row in self.rows for field in row if field is not None) else found

    def _numbers(self, part: Any, most: Any) -> tuple[int, int | None] | None:
        weight = 1 if self.kind is KeyKind.EQUAL else self._read(part, _SCALES.get(self.kind, 1))
        ceiling = self._read(most, 100) if most.data else None
        return None if part.errors or most.errors else (weight, ceiling)

    def _read(self, field: Any, scale: int) -> int:
        """Read a number, in what is kept of it; nothing typed is nothing borne."""
        number = read_number(field.data) if field.data and field.data.strip() else Decimal(0)
        if number is None or number < 0 or number * scale != int(number * scale):
            self.refuse(field.name, _wrong(scale))
            return 0
        return int(number * scale)


def _wrong(scale: int) -> str:
    if scale == 1:
        return _("Enter a whole number, 0 or more.")
    places = 2 if scale == 100 else 3
    return _(
        "Enter a number, 0 or more, with at most %(places)s digits after the point, such as 12.5.",
        places=places,
    )


def sharing_form(plan: CostPlan, organisations: Iterable[Organisation]) -> SharingForm:
    """Make the form for the organisations that may share, filled with what is typed, else with what is agreed."""
    others = [each for each in plan.parties if each.organisation_id != plan.organisation_id]
    count = _count(len(others))
    data = {"key": plan.key_kind, "line_count": str(count)}
    data |= _filled(plan, "own", plan.organisation_id) | _residual(plan)
    for n, party in enumerate(others[:count]):
        data |= {f"who_{n}": party.organisation.public_id} | _filled(plan, str(n), party.organisation_id)
    return _sharing_of(plan.organisation, organisations, count, data)


def first_sharing_form(asker: Organisation, organisations: Iterable[Organisation]) -> SharingForm:
    """Make the form for a cost of which nothing is planned yet: whoever it is for bears all, unless more is typed."""
    count = _count(0)
    alone = {"key": KeyKind.SINGLE.value, "part_own": "1", "line_count": str(count)}
    return _sharing_of(asker, organisations, count, alone)


def _sharing_of(
    asker: Organisation, organisations: Iterable[Organisation], count: int, data: Mapping[str, str]
) -> SharingForm:
    """Make the form with a line for whoever it is for, and so many for others."""
    choices = [(each.public_id, each.name) for each in organisations if each.id != asker.id]
    fields: dict[str, Any] = {"part_own": _part(), "most_own": _most()}
    for n in range(count):
        fields[f"who_{n}"] = SelectField(_l("Organisation"), choices=[("", "–"), *choices], default="")
        fields[f"part_{n}"], fields[f"most_{n}"] = _part(), _most()
    shape = type("SharingOfOneForm", (SharingForm,), fields | {"lines": tuple(str(n) for n in range(count))})
    form: SharingForm = shape(data=data)
    form.residual.choices = [("", asker.name), *choices]
    return form


def _residual(plan: CostPlan) -> dict[str, str]:
    party = plan.party(plan.residual_payer_id) if plan.residual_payer_id is not None else None
    return {"residual": party.organisation.public_id} if party else {}


def _count(known: int) -> int:
    typed = request.form.get("line_count", "")
    asked = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
    return min(max(known + 2, LEAST_LINES, asked), MOST_LINES)


def _part() -> StringField:
    return StringField(_l("Part"), validators=[Optional(), Length(max=LONGEST)], render_kw=_NUMBER)


def _most() -> StringField:
    return StringField(
        _l("At most, in euros"), validators=[Optional(), Length(max=LONGEST)], render_kw=_NUMBER
    )


def _filled(plan: CostPlan, line: str, organisation_id: int) -> dict[str, str]:
    party = plan.party(organisation_id)
    if party is None:
        return {}
    kind, most = KeyKind(plan.key_kind), party.ceiling_cents
    weight = Decimal(party.weight) / _SCALES.get(kind, 1)
    return {
        f"part_{line}": typed_number(weight.normalize()) if kind is not KeyKind.EQUAL else "",
        f"most_{line}": typed_number(Decimal(most) / 100, 2) if most is not None else "",
    }


# -- measures -------------------------------------------------------------------------------------------------

METERS: Final[Mapping[Meter, Any]] = {
    Meter.KM: _l("Kilometres driven"),
    Meter.KG: _l("Kilograms"),
    Meter.KWH: _l("Kilowatt-hours"),
    Meter.PERSON: _l("People"),
}


M = TypeVar("M", bound="MeasuresForm")


class MeasuresForm(Form):
    """What was measured; `measures_form` adds a field for each meter of the tariff."""

    meters: Sequence[Meter] = ()

    def milli(self) -> dict[Meter, int] | None:
        """Read what was typed, in thousandths; None where a number cannot be read, which is then said."""
        found = {}
        for meter in self.meters:
            field, step = self[meter.value], MILLI if meter is Meter.PERSON else 1
            number = read_number(field.data or "")
            if number is None or number < 0 or number * MILLI % step:
                self.refuse(field.name, _wrong(1 if meter is Meter.PERSON else MILLI))
            else:
                found[meter] = int(number * MILLI)
        return None if any(field.errors for field in self) else found


def correct_form(
    plan: CostPlan, meters: Sequence[Meter], let_off: str, *, as_sent: bool = True
) -> "CorrectForm":
    """Make the form for what was measured truly; `let_off` says what was taken back by hand, if anything was.

    Where nothing is measured, it charges again what was taken back by mistake.
    """
    form = _measured_in(CorrectForm, plan, meters, as_sent=as_sent)
    if let_off and meters:
        form.in_full.description = let_off
    else:
        del form.in_full
    if not meters:
        form.reason.description = let_off
    return form


def measures_form(plan: CostPlan, meters: Sequence[Meter]) -> "MeasuresForm":
    """Make the form for what the tariff counts."""
    return _measured_in(MeasuresForm, plan, meters)


def _measured_in(base: type[M], plan: CostPlan, meters: Sequence[Meter], *, as_sent: bool = True) -> M:
    """Add the meters to a form, filled with what is typed, else with what was entered."""
    fields: dict[str, Any] = {
        meter.value: StringField(
            METERS[meter],
            validators=[InputRequired(_l("Enter what was measured, 0 if nothing.")), Length(max=LONGEST)],
            render_kw=_NUMBER,
        )
        for meter in meters
    }
    known = {
        meter.value: typed_number((Decimal(plan.measures[meter.value]) / MILLI).normalize())
        for meter in meters
        if meter.value in plan.measures
    }
    shape = type(f"{base.__name__}OfOne", (base,), fields | {"meters": tuple(meters)})
    form: M = shape(data=known) if as_sent else shape(formdata=None, data=known)
    return form


class CorrectForm(OnceForm, MeasuresForm):
    """What was measured truly, why it is charged anew, and whether what was let off is charged, too."""

    reason = TextAreaField(
        _l("What was wrong?"),
        validators=[InputRequired(_l("Say what was wrong: all who pay read it.")), Length(max=2000)],
        description=_l("What was charged is taken back, and charged anew by these figures."),
    )
    in_full = BooleanField(_l("Charge again what was taken back, too"))

    @property
    def is_in_full(self) -> bool:
        """Tell whether what was let off is charged again: where nothing is measured, that is what it is for."""
        return not self.meters or ("in_full" in self and bool(self.in_full.data))


class TakeBackForm(OnceForm):
    """How much of what was charged is taken back, and why."""

    amount = StringField(
        _l("Amount, in euros"),
        validators=[Optional(), Length(max=LONGEST)],
        render_kw=_NUMBER,
        description=_l("Leave it empty to take back all of it."),
    )
    reason = TextAreaField(
        _l("Reason"),
        validators=[InputRequired(_l("Say why: all who pay read it.")), Length(max=2000)],
    )

    def cents(self) -> int | None:
        """Read the amount; None for all of it, or where it cannot be read, which is then said."""
        if not (self.amount.data or "").strip():
            return None
        number = read_number(self.amount.data or "")
        if number is None or number <= 0 or number * 100 != int(number * 100):
            self.refuse("amount", _("Type an amount, for instance 12,50."))
            return None
        return int(number * 100)


class WaiveForm(Form):
    """Why nothing is charged."""

    reason = TextAreaField(
        _l("Why is it free of charge?"),
        validators=[InputRequired(_l("Say why: the reason stays beside the value.")), Length(max=2000)],
        description=_l("The organisation reads it."),
    )
