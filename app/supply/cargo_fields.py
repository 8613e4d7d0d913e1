"""The fields in which people type a cargo: what it is, so many kilos, so many in each package."""

from collections.abc import Sequence
from typing import Any, Final

from flask_babel import gettext as _
from wtforms import StringField
from wtforms.validators import InputRequired, Length, ValidationError

from app.supply.cargo import KILO, PACKAGES, Packaging
from app.supply.cargo_words import kilos
from app.web.forms import _l
from app.web.numbers import read_number, typed_number

DECIMAL: Final = {"inputmode": "decimal", "autocomplete": "off"}
CHOSEN: Final = (InputRequired(_l("Choose among the values offered.")),)
LONGEST_LINE: Final = 160
_MOST = 100_000  # kilos


class LineField(StringField):
    """A few words on one line. What is longer is refused with the limit: a browser would cut it without a word."""

    def __init__(
        self, label: Any = None, validators: Sequence[Any] = (), longest: int = LONGEST_LINE, **kwargs: Any
    ) -> None:
        too_long = Length(max=longest, message=_l("Write at most %(max)d characters: this is longer."))
        look = {"autocomplete": "off", "maxlength": False}
        super().__init__(label, [*validators, too_long], render_kw=look, **kwargs)


class KilosField(StringField):
    """A weight in kilos, typed with a comma or a point; `grams` once it is valid."""

    grams = 0

    def pre_validate(self, _form: Any) -> None:
        """Read the weight; refuse what is none, or has a part of a gram."""
        number = read_number((self.data or "").strip().removesuffix("kg"))
        if number is None or number * KILO != int(number * KILO) or number <= 0:
            raise ValidationError(_l("Type a weight in kilos, for instance 120 or 12,5."))
        if number > _MOST:
            raise ValidationError(_("Type at most %(most)s.", most=kilos(_MOST * KILO)))
        self.grams = int(number * KILO)

    def show(self, grams: int) -> None:
        """Fill the field with a weight."""
        self.data = typed_number(grams / KILO) if grams else ""


class PackageField(StringField):
    """How many kilos one package holds; nothing typed is what such a package usually holds."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            _l("Kilos in one package"),
            description=_l(
                "Empty: as usual, 12 for a crate of 60 × 40, 6 for one of 40 × 30, 300 for a bulk bin, 25 for a bag."
            ),
            render_kw=DECIMAL,
            **kwargs,
        )

    def pre_validate(self, _form: Any) -> None:
        """Refuse what is no weight."""
        number = read_number(self.data or "") if (self.data or "").strip() else 1
        if number is None or not 0 < number * KILO == int(number * KILO):
            raise ValidationError(_l("Type what one package holds, for instance 12."))
        if number > _MOST:
            raise ValidationError(_("Type at most %(most)s.", most=kilos(_MOST * KILO)))

    def holds(self, packaging: Packaging) -> int:
        """Give what one holds, in grams, once the field is valid."""
        typed = read_number(self.data or "") if (self.data or "").strip() else None
        return int(typed * KILO) if typed else PACKAGES[packaging].holds
