"""What is typed about lots and hand-overs: on a telephone, at a back door."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from app.accounts.models import Organisation
from app.catalogue.models import Resource
from app.supply.cargo import KILO, PACKAGES, Packaging, Regime
from app.supply.cargo_fields import KilosField
from app.supply.cargo_words import PACKAGINGS, REGIMES
from app.supply.chains.models import Chain
from app.supply.lots.fields import DegreesField
from app.supply.lots.queries import Found, today_in
from app.supply.lots.rules import (
    LONGEST_NAME,
    LONGEST_TEXT,
    check_origin,
    check_package,
    check_received_on,
    check_use_by,
    check_weight,
)
from app.supply.lots.service import NewLot, checked_place
from app.web.forms import Form, OnceForm, _l, told_here
from app.web.numbers import read_number, typed_number

_DECIMAL = {"inputmode": "decimal", "autocomplete": "off"}
_CHOSEN = (InputRequired(_l("Choose among the values offered.")),)
NOBODY = ""


class LotForm(OnceForm):
    """What somebody has: a few fields, and the rest folded."""

    organisation = SelectField(_l("For which organisation"), validators=_CHOSEN)
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
        render_kw=_DECIMAL,
    )
    regime = SelectField(_l("Temperature"), choices=list(REGIMES.items()), validators=_CHOSEN)
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
    place = SelectField(_l("Where it is stored"), validators=[Optional()])
    received_on = DateField(_l("Came on"), validators=[InputRequired(_l("Choose the day it came."))])
    packaging = SelectField(
        _l("How it is packed"), choices=[("", _l("Not said")), *PACKAGINGS.items()], validators=[Optional()]
    )
    per_package = StringField(
        _l("Kilos in one package"),
        description=_l("Empty: as usual for such packages."),
        render_kw=_DECIMAL,
    )
    note = TextAreaField(
        _l("Note"),
        validators=[Length(max=LONGEST_TEXT)],
        description=_l("Lot number of the producer, variety, quality."),
        render_kw={"rows": 2},
    )

    is_more = BooleanField(_l("It is another one than what has been entered for this chain: enter it, too"))

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

    def validate_use_by(self, field: DateField) -> None:
        """Refuse what nobody may eat any more."""
        with told_here():
            check_use_by(field.data, self._today)

    def validate_received_on(self, field: DateField) -> None:
        """Refuse what has not come yet."""
        if field.data:
            with told_here():
                check_received_on(field.data, self._today)

    def validate_place(self, field: SelectField) -> None:
        """Refuse a place that does not keep it as it has to be kept."""
        place = next((each for each in self.stores if each.public_id == field.data), None)
        if place is not None and self.regime.data in set(Regime):
            with told_here():
                checked_place(place.id, Regime(self.regime.data), place.territory_id)

    @property
    def _today(self) -> date:
        """Tell which day it is where it is entered."""
        chosen = (each for each in self.ours if each.public_id == self.organisation.data)
        return today_in(next(chosen, self.ours[0]).territory)

    def prepare(
        self, ours: Sequence[Organisation], origins: Sequence[Organisation], stores: Sequence[Resource]
    ) -> None:
        """Offer one's own organisations, those it can have come from, and the places where it can be."""
        self.ours, self.stores = ours, stores
        self.organisation.choices = [(each.public_id, each.name) for each in ours]
        self.origin_of.choices = [
            (NOBODY, _("Somebody else (say who below)")),
            *((each.public_id, each.name) for each in origins),
        ]
        self.place.choices = place_choices(stores)

    def begin(self, ours: Organisation, today: date) -> None:
        """Fill the form with what is usual."""
        self.organisation.data, self.received_on.data = ours.public_id, today
        self.regime.data = Regime.PRODUCE

    def carry(self, chain: Chain, origin: Organisation | None) -> None:
        """Fill the form with what a chain carries."""
        self.product.data, self.regime.data, self.packaging.data = (
            chain.product,
            chain.regime,
            chain.packaging,
        )
        self.amount.show(chain.grams)
        self.per_package.data = typed_number(chain.per_package / KILO)
        if origin is not None:
            self.origin_of.data = origin.public_id
        else:
            self.origin.data = chain.from_place

    def make_of(self, source: Found) -> None:
        """Fill the form with what is made of a lot."""
        lot = source.lot
        self.organisation.data = lot.organisation.public_id
        self.origin_of.data, self.regime.data = lot.organisation.public_id, lot.regime

    @property
    def is_unusual(self) -> bool:
        """Tell whether something of what is folded has to be seen."""
        folded = (self.place, self.received_on, self.packaging, self.per_package, self.note, self.best_before)
        return any(each.errors for each in folded)

    def entered(self, origins: Sequence[Organisation], stores: Sequence[Resource], **more: Any) -> NewLot:
        """Give what was typed; `more` is what the page knows besides: the chain, the part of an offer."""
        packaging = Packaging(self.packaging.data) if self.packaging.data else None
        return NewLot(
            product=self.product.data or "",
            grams=self.amount.grams,
            regime=Regime(self.regime.data),
            received_on=self.received_on.data or date.max,
            packaging=packaging,
            per_package=self._holds(packaging) if packaging else None,
            origin_id=next((o.id for o in origins if o.public_id == self.origin_of.data), None),
            origin=self.origin.data or "",
            use_by=self.use_by.data,
            best_before=self.best_before.data,
            resource_id=place_id(self.place, stores),
            note=self.note.data or "",
            **more,
        )

    def _holds(self, packaging: Packaging) -> int:
        typed = read_number(self.per_package.data or "") if (self.per_package.data or "").strip() else None
        return int(typed * KILO) if typed else PACKAGES[packaging].holds


class MadeForm(LotForm):
    """What is made of another lot: how much of that goes into it as well."""

    used = KilosField(
        _l("How many kilos of it are used"),
        validators=[InputRequired(_l("Type how many kilos of it are used."))],
        render_kw=_DECIMAL,
    )


def place_choices(stores: Sequence[Resource]) -> list[tuple[str, str]]:
    """Offer storage places, each with its site and its temperature."""
    return [
        (NOBODY, _("In no shared place")),
        *((each.public_id, f"{each.name}, {each.site.name}") for each in stores),
    ]


def place_id(field: SelectField, stores: Sequence[Resource]) -> int | None:
    """Give the place that was chosen."""
    return next((each.id for each in stores if each.public_id == field.data), None)


class PlaceForm(Form):
    """Where a lot is now."""

    place = SelectField(_l("Where it is stored"), validators=[Optional()])

    def prepare(self, stores: Sequence[Resource]) -> None:
        """Offer the places of the territory."""
        self.place.choices = place_choices(stores)


class ReasonForm(Form):
    """Why something is destroyed, cancelled or refused."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[
            DataRequired(_l("Say why: it is read by whoever checks later.")),
            Length(max=LONGEST_TEXT),
        ],
        render_kw={"rows": 2},
    )


class ReadingForm(OnceForm):
    """How warm a place is now."""

    temperature = DegreesField(
        _l("What the thermometer shows"),
        validators=[InputRequired(_l("Type what the thermometer shows, for instance 3,5 or -18."))],
        render_kw={"autocomplete": "off"},
    )


class CorrectReadingForm(ReadingForm):
    """What the thermometer really showed, and why something else was noted."""

    reason = TextAreaField(
        _l("Why it was noted otherwise"),
        validators=[
            DataRequired(_l("Say why: it is read by whoever checks later.")),
            Length(max=LONGEST_TEXT),
        ],
        description=_l("For instance: typed 40 instead of 4,0."),
        render_kw={"rows": 2},
    )


class RecallForm(Form):
    """Why a lot is recalled."""

    reason = TextAreaField(
        _l("What is wrong with it, and what to do"),
        validators=[
            DataRequired(_l("Say what is wrong: who has it reads it.")),
            Length(max=LONGEST_TEXT),
        ],
        description=_l(
            "For instance: listeria in the cheese of this lot. Put it aside, we fetch it tomorrow."
        ),
        render_kw={"rows": 4},
    )


class PeriodForm(Form):
    """The days of an evidence pack, both included."""

    first = DateField(_l("From"), validators=[InputRequired(_l("Choose the first day."))])
    last = DateField(_l("To"), validators=[InputRequired(_l("Choose the last day."))])
