"""What is typed of a lot, whether it is entered or corrected: what it is, how much, from whom, until when."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from wtforms import DateField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from app.accounts.models import Organisation
from app.supply.cargo import KILO, PACKAGES, Packaging, Regime
from app.supply.cargo_fields import KilosField
from app.supply.cargo_words import PACKAGINGS, REGIMES
from app.supply.edit_words import EditForm
from app.supply.lots.queries import today_in
from app.supply.lots.rules import LONGEST_NAME, check_origin, check_package, check_received_on, check_weight
from app.web.forms import _l, told_here
from app.web.numbers import read_number

DECIMAL = {"inputmode": "decimal", "autocomplete": "off"}
CHOSEN = (InputRequired(_l("Choose among the values offered.")),)
NOBODY = ""


class GoodsForm(EditForm):
    """What a lot is."""

    ours: Sequence[Organisation]  # whose it can be

    product = StringField(
        _l("What it is"),
        validators=[
            DataRequired(_l("Say what it is in a few words, for instance “Courgettes”.")),
            Length(max=LONGEST_NAME),
        ],
        render_kw={"autocomplete": "off"},
    )
    amount = KilosField(
        _l("How many kilos"),
        validators=[InputRequired(_l("Type how many kilos there are."))],
        render_kw=DECIMAL,
    )
    regime = SelectField(_l("Temperature"), choices=list(REGIMES.items()), validators=CHOSEN)
    origin_of = SelectField(_l("Who it came from"), validators=[Optional()])
    origin = StringField(
        _l("Somebody else"),
        validators=[Length(max=LONGEST_NAME)],
        description=_l("A producer or a shop that is not in the list, with its commune."),
        render_kw={"autocomplete": "off"},
    )
    use_by = DateField(
        _l("Use-by date"),
        validators=[Optional()],
        description=_l("Past, it can neither be entered nor handed over."),
    )
    best_before = DateField(
        _l("Best-before date"),
        validators=[Optional()],
        description=_l("Past, the food is still good: you are only told."),
    )
    received_on = DateField(_l("Came on"), validators=[InputRequired(_l("Choose the day it came."))])
    packaging = SelectField(
        _l("How it is packed"), choices=[("", _l("Not said")), *PACKAGINGS.items()], validators=[Optional()]
    )
    per_package = StringField(
        _l("Kilos in one package"),
        description=_l("Empty: as usual for such packages."),
        render_kw=DECIMAL,
    )

    def validate_per_package(self, field: StringField) -> None:
        """Refuse what is no weight; nothing typed is what such a package usually holds."""
        number = read_number(field.data or "") if (field.data or "").strip() else 1
        if number is None or not 0 < number * KILO == int(number * KILO) < 10_000_000 * KILO:
            raise ValidationError(_l("Type what one package holds, for instance 12."))
        with told_here():
            check_package(int(number * KILO))

    def validate_amount(self, field: KilosField) -> None:
        """Refuse more than there can be."""
        if not field.errors:
            with told_here():
                check_weight(field.grams)

    def validate_origin(self, field: StringField) -> None:
        """Ask who it came from."""
        with told_here():
            check_origin(" ".join((field.data or "").split()), is_listed=bool(self.origin_of.data))

    def validate_received_on(self, field: DateField) -> None:
        """Refuse what has not come yet."""
        if field.data:
            with told_here():
                check_received_on(field.data, self.today)

    @property
    def holder(self) -> Organisation:
        """Tell whose it is."""
        return self.ours[0]

    @property
    def today(self) -> date:
        """Tell which day it is where it is."""
        return today_in(self.holder.territory)

    def offer_origins(self, origins: Sequence[Organisation]) -> None:
        """Offer those it can have come from."""
        self.origin_of.choices = [
            (NOBODY, _("Somebody else (say who below)")),
            *((each.public_id, each.name) for each in origins),
        ]

    def goods(self, origins: Sequence[Organisation]) -> dict[str, Any]:
        """Give what was typed, as a new lot has it."""
        packaging = Packaging(self.packaging.data) if self.packaging.data else None
        return {
            "product": self.product.data or "",
            "grams": self.amount.grams,
            "regime": Regime(self.regime.data),
            "received_on": self.received_on.data or date.max,
            "packaging": packaging,
            "per_package": self._holds(packaging) if packaging else None,
            "origin_id": next((o.id for o in origins if o.public_id == self.origin_of.data), None),
            "origin": self.origin.data or "",
            "use_by": self.use_by.data,
            "best_before": self.best_before.data,
        }

    def _holds(self, packaging: Packaging) -> int:
        typed = read_number(self.per_package.data or "") if (self.per_package.data or "").strip() else None
        return int(typed * KILO) if typed else PACKAGES[packaging].holds
