"""What is typed about lots and hand-overs: on a telephone, at a back door."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from wtforms import BooleanField, DateField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.accounts.models import Organisation
from app.catalogue.models import Resource
from app.supply.cargo import KILO, Regime
from app.supply.cargo_fields import KilosField
from app.supply.chains.models import Chain
from app.supply.lots.fields import DegreesField
from app.supply.lots.goods_form import CHOSEN, DECIMAL, NOBODY, GoodsForm
from app.supply.lots.queries import Found
from app.supply.lots.rules import LONGEST_TEXT, check_use_by
from app.supply.lots.service import NewLot, checked_place
from app.web.forms import Form, OnceForm, _l, told_here
from app.web.numbers import typed_number


class LotForm(GoodsForm):
    """What somebody has: a few fields, and the rest folded."""

    organisation = SelectField(_l("For which organisation"), validators=CHOSEN)
    place = SelectField(_l("Where it is stored"), validators=[Optional()])
    note = TextAreaField(
        _l("Note"),
        validators=[Length(max=LONGEST_TEXT)],
        description=_l("Lot number of the producer, variety, quality."),
        render_kw={"rows": 2},
    )

    is_more = BooleanField(_l("It is another one than what has been entered for this chain: enter it, too"))

    def validate_use_by(self, field: DateField) -> None:
        """Refuse what nobody may eat any more."""
        with told_here():
            check_use_by(field.data, self.today)

    def validate_place(self, field: SelectField) -> None:
        """Refuse a place that does not keep it as it has to be kept."""
        place = next((each for each in self.stores if each.public_id == field.data), None)
        if place is not None and self.regime.data in set(Regime):
            with told_here():
                checked_place(place.id, Regime(self.regime.data), place.territory_id)

    @property
    def holder(self) -> Organisation:
        """Tell whose it is to be."""
        chosen = (each for each in self.ours if each.public_id == self.organisation.data)
        return next(chosen, self.ours[0])

    def prepare(
        self, ours: Sequence[Organisation], origins: Sequence[Organisation], stores: Sequence[Resource]
    ) -> None:
        """Offer one's own organisations, those it can have come from, and the places where it can be."""
        self.ours, self.stores = ours, stores
        self.organisation.choices = [(each.public_id, each.name) for each in ours]
        self.offer_origins(origins)
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

    def tell_first(self) -> None:
        """Ask about more than a chain carries otherwise where nothing has been entered for it."""
        self.is_more.label.text = _("There is really more than the chain carries: enter it")

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
        place, note = place_id(self.place, stores), self.note.data or ""
        return NewLot(**self.goods(origins), resource_id=place, note=note, **more)


class MadeForm(LotForm):
    """What is made of another lot: how much of that goes into it as well."""

    used = KilosField(
        _l("How many kilos of it are used"),
        validators=[InputRequired(_l("Type how many kilos of it are used."))],
        render_kw=DECIMAL,
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
