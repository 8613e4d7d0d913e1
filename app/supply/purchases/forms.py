"""What is typed about group purchases: what is bought, what one orders, what changes."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from app.accounts.models import Organisation
from app.bookings.models import Booking
from app.core import clock
from app.core.span import NonexistentTime, from_wall, to_wall
from app.supply.cargo import PACKAGES, Cargo, Packaging, Regime
from app.supply.cargo_fields import KilosField, LineField
from app.supply.cargo_words import PACKAGINGS, REGIMES
from app.supply.edit_words import EditForm
from app.supply.edits import last_edit
from app.supply.offers.forms import PriceField, on_the_list
from app.supply.offers.rules import LONGEST_TEXT
from app.supply.purchases.models import GroupPurchase, PurchaseOrder
from app.supply.purchases.service import Later, NewPurchase, Wanted
from app.supply.purchases.words import choice_words
from app.web.forms import DayField, Form, TimeField, _l, wall_of
from app.web.numbers import typed_number

_DECIMAL = {"inputmode": "decimal", "autocomplete": "off"}
_CHOSEN = (InputRequired(_l("Choose among the values offered.")),)
_USUAL_DAYS, _USUAL_END = 7, "18:00"


def _prose(label: Any, example: Any) -> TextAreaField:
    return TextAreaField(
        label, validators=[Length(max=LONGEST_TEXT)], description=example, render_kw={"rows": 2}
    )


class LaterForm(EditForm):
    """What can be another while it is open: until when, where it is packed, what to bring."""

    deadline_day = DayField(_l("Order by"), validators=[InputRequired(_l("Choose the last day to order."))])
    deadline_time = TimeField(_l("Time"), default=_USUAL_END, validators=_CHOSEN)
    packing = SelectField(
        _l("Where and when it is packed"),
        validators=[Optional()],
        description=_l(
            "One of your bookings of a kitchen, a room or a store after the deadline. If the minimum is not reached, "
            "it is cancelled."
        ),
    )
    bring = _prose(_l("What each has to bring"), _l("For instance crates, a cool box, a cheque."))
    note = _prose(_l("Note"), _l("Anything else to know."))

    def prepare(self, organisation: Organisation, slots: Sequence[Booking]) -> None:
        """Offer the bookings of the organisation."""
        self.zone, self._slots = ZoneInfo(organisation.territory.timezone), slots
        self._offer()

    def _offer(self) -> None:
        """Offer what begins after the deadline that stands in the form, and what was chosen: it is told why not."""
        deadline, chosen = self._deadline(), self.packing.data
        known = [
            (each.ref, choice_words(each))
            for each in self._slots
            if each.ref == chosen or deadline is None or each.start_at > deadline
        ]
        self.packing.choices = [("", _l("Not known yet")), *known]

    def _deadline(self) -> datetime | None:
        """Tell which deadline stands in the form; None where it cannot be read, or is none."""
        choices: list[Any] = list(self.deadline_time.choices or ())
        is_listed = any(self.deadline_time.data == each[0] for each in choices)
        if self.deadline_day.data is None or not (is_listed and self.deadline_day.is_near):
            return None
        try:
            return from_wall(wall_of(self.deadline_day.data, self.deadline_time.data), self.zone)
        except NonexistentTime:
            return None  # said when all else is right

    def validate_deadline_day(self, field: DayField) -> None:
        """Refuse a day that is over, beside what else is wrong; the hour is looked at once all can be read."""
        if field.data and field.data < self._today():
            raise ValidationError(_l("This day is over. Choose today or a later one."))

    def begin(self) -> None:
        """Fill the form with what is usual."""
        self.deadline_day.data = self._today() + timedelta(days=_USUAL_DAYS)
        self._offer()

    def show(self, purchase: GroupPurchase) -> None:
        """Fill the form with what holds now."""
        wall = to_wall(purchase.deadline_at, self.zone)
        self.deadline_day.data, self.deadline_time.data = wall.date(), on_the_list(wall)
        self.packing.data = purchase.booking.ref if purchase.booking else ""
        self.bring.data, self.note.data = purchase.bring, purchase.note
        self.vu.data = str(last_edit(purchase.__tablename__, purchase.id))
        self._offer()

    def later(self) -> Later:
        """Give what was typed; raise NonexistentTime."""
        deadline = from_wall(wall_of(self.deadline_day.data, self.deadline_time.data), self.zone)
        return Later(deadline, self.packing.data or "", self.bring.data or "", self.note.data or "")

    def _today(self) -> date:
        return to_wall(clock.now(), self.zone).date()


class PurchaseForm(LaterForm):
    """What is bought together."""

    product = LineField(
        _l("What it is"),
        [DataRequired(_l("Say what it is in a few words, for instance “Courgettes”."))],
    )
    supplier = LineField(
        _l("Supplier"),
        [DataRequired(_l("Say who supplies it: an organisation, or any name."))],
        description=_l("An organisation of the territory, or any other name."),
    )
    price = PriceField(
        _l("Price for a kilo"), default="0", description=_l("0: it is a gift."), render_kw=_DECIMAL
    )
    packaging = SelectField(_l("How it is packed"), choices=list(PACKAGINGS.items()), validators=_CHOSEN)
    per_package = KilosField(
        _l("Kilos in one package"),
        default="12",
        validators=[InputRequired(_l("Type what one package holds, for instance 12."))],
        description=_l("It is ordered by whole packages."),
        render_kw=_DECIMAL,
    )
    regime = SelectField(_l("Temperature"), choices=list(REGIMES.items()), validators=_CHOSEN)
    least = KilosField(
        _l("Minimum in all"),
        validators=[InputRequired(_l("Type how many kilos are needed for it to take place."))],
        description=_l("Below it, nothing is bought."),
        render_kw=_DECIMAL,
    )
    most = KilosField(
        _l("Maximum in all"),
        validators=[Optional()],
        description=_l("Empty: as much as is ordered."),
        render_kw=_DECIMAL,
    )

    def repeat(self, purchase: GroupPurchase) -> None:
        """Fill the form with what was bought before, except when and where."""
        self.product.data, self.supplier.data = purchase.product, purchase.supplier
        self.price.data = typed_number(purchase.price_cents / 100, 2)
        self.packaging.data, self.regime.data = purchase.packaging, purchase.regime
        self.per_package.show(purchase.per_package)
        self.least.show(purchase.least_grams)
        self.most.show(purchase.most_grams or 0)
        self.bring.data, self.note.data = purchase.bring, purchase.note

    def purchase(self) -> NewPurchase:
        """Give what was typed; raise NonexistentTime."""
        packaging = Packaging(self.packaging.data)
        holds = self.per_package.grams or PACKAGES[packaging].holds
        return NewPurchase(
            product=self.product.data or "",
            supplier=self.supplier.data or "",
            price_cents=self.price.cents,
            cargo=Cargo(self.least.grams, packaging, holds, Regime(self.regime.data)),
            later=self.later(),
            most_grams=self.most.grams or None,
        )


class OrderForm(Form):
    """Ordering so many kilos."""

    organisation = SelectField(_l("For which organisation"), validators=_CHOSEN)
    amount = KilosField(
        _l("How many kilos"),
        validators=[InputRequired(_l("Type how many kilos you order."))],
        render_kw=_DECIMAL,
    )
    message = TextAreaField(_l("Message"), validators=[Length(max=LONGEST_TEXT)], render_kw={"rows": 2})
    sure = BooleanField(_l("Yes, we order so much"))  # shown to whoever orders far more than the minimum

    def prepare(self, organisations: Sequence[tuple[int, str]], chosen: int | None) -> None:
        """Offer those one may order for; the one acted for is chosen first."""
        self.organisation.choices = [(str(number), name) for number, name in organisations]
        ids = [number for number, _name in organisations]
        if not self.organisation.raw_data and ids:
            self.organisation.data = str(chosen if chosen in ids else ids[0])

    def show(self, own: PurchaseOrder | None, step: int) -> None:
        """Fill the form with what is ordered, else with one package."""
        self.amount.show(own.grams if own else step)
        self.message.data = own.message if own else ""

    def wanted(self) -> Wanted:
        """Give what was typed."""
        return Wanted(
            int(self.organisation.data), self.amount.grams, self.message.data or "", bool(self.sure.data)
        )


class ReasonForm(Form):
    """Why it does not take place."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[DataRequired(_l("Say why: who ordered reads it.")), Length(max=LONGEST_TEXT)],
        render_kw={"rows": 2},
    )
