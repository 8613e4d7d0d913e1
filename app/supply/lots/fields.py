"""Fields of this room: a temperature, a number, a weight that may be left out."""

from decimal import Decimal
from typing import Any

from wtforms import StringField
from wtforms.validators import ValidationError

from app.supply.cargo_fields import KilosField
from app.web.forms import _l
from app.web.numbers import read_number


class DegreesField(StringField):
    """A temperature in degrees Celsius, to a tenth; `tenths` once it is valid, None where nothing was typed."""

    tenths: int | None = None

    def pre_validate(self, _form: Any) -> None:
        """Read what the thermometer shows."""
        typed = (self.data or "").strip().removesuffix("C").removesuffix("°").strip()
        number = read_number(typed) if typed else None
        if typed and (number is None or abs(number) > Decimal(1000)):
            raise ValidationError(_l("Type what the thermometer shows, for instance 3,5 or -18."))
        self.tenths = None if number is None else round(number * 10)


class CountField(StringField):
    """A whole number that may be left out; `count` once it is valid."""

    count: int | None = None

    def pre_validate(self, _form: Any) -> None:
        """Read it."""
        typed = (self.data or "").strip()
        number = read_number(typed) if typed else None
        if typed and (number is None or number != int(number) or number < 0):
            raise ValidationError(_l("Type a whole number, for instance 34."))
        self.count = None if number is None else int(number)


class SomeKilosField(KilosField):
    """A weight that may be left out: nothing of it, then."""

    def pre_validate(self, form: Any) -> None:
        """Read the weight, where one was typed."""
        self.grams = 0
        if (self.data or "").strip() not in ("", "0"):
            super().pre_validate(form)
