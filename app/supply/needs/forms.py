"""What is typed about needs: food or a place that is looked for, and how one can help."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from wtforms import IntegerField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from app.accounts.models import Organisation
from app.catalogue.commune_field import CommuneField
from app.catalogue.communes import find_commune
from app.catalogue.kinds.words import kinds_name
from app.catalogue.naming import label_of
from app.catalogue.queries import offered_kinds
from app.core import clock
from app.core.span import from_wall, to_wall
from app.supply.cargo_fields import KilosField, LineField
from app.supply.cargo_words import REGIMES
from app.supply.needs.models import Need
from app.supply.needs.rules import LONGEST_PRODUCT, LONGEST_TEXT, MOST_UNITS, Sort
from app.supply.needs.service import Around, Food, NewNeed, Place
from app.supply.offers.rules import RADII, USUAL_RADIUS, Point
from app.supply.offers.words import CATEGORIES
from app.web.forms import DayField, OnceForm, TimeField, _l, time_choices, wall_of

_CHOSEN = (InputRequired(_l("Choose among the values offered.")),)
_USUAL_DAYS, _USUAL_END = 14, "18:00"


class _OptionalKilos(KilosField):
    def pre_validate(self, form: Any) -> None:
        if (self.data or "").strip():
            super().pre_validate(form)


class _OrElse:
    """Refuses a field that says nothing where the other one that could does not either."""

    field_flags: ClassVar = {"asked": True}

    def __init__(self, other: str, message: Any) -> None:
        self.other, self.message = other, message

    def __call__(self, form: Any, field: Any) -> None:
        if not ((field.data or "").strip() or form[self.other].data):
            raise ValidationError(self.message)


class _OptionalTime(SelectField):
    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, choices=[("", "—"), *time_choices(30)], **kwargs)


class NeedForm(OnceForm):
    """What every need says: around where, and whatever else there is to know."""

    sort: Sort

    commune = CommuneField(
        _l("Around which commune"),
        validators=[DataRequired(_l("Type a commune or its postcode.")), Length(max=100)],
        description=_l("Its name or its postcode."),
    )
    radius_km = SelectField(_l("Within"), choices=[(str(km), f"{km} km") for km in RADII], validators=_CHOSEN)
    note = TextAreaField(
        _l("Note"),
        validators=[Length(max=LONGEST_TEXT)],
        description=_l("What it is for, what would help, whom to call."),
        render_kw={"rows": 3},
    )

    def prepare(self, organisation: Organisation) -> None:
        """Know who looks."""
        self.ours = organisation

    def begin(self) -> None:
        """Fill the form with what is usual."""
        self.commune.data = label_of(self.ours.commune_code or "") or ""
        self.radius_km.data = str(USUAL_RADIUS)

    def repeat(self, need: Need) -> None:
        """Fill the form with what was looked for before, except when."""
        self.commune.data, self.radius_km.data = label_of(need.commune_code), str(need.radius_km)
        self.note.data = need.note

    def validate_commune(self, field: CommuneField) -> None:
        """Refuse what names no commune, beside what else is wrong."""
        field.check(self._near)

    @property
    def zone(self) -> ZoneInfo:
        """The clock of the territory."""
        return ZoneInfo(self.ours.territory.timezone)

    def need(self) -> NewNeed:
        """Give what was typed; raise NonexistentTime."""
        commune = self.commune.named(self._near)
        around = Around(
            commune_code=commune.code, point=Point(*commune.point), radius_km=int(self.radius_km.data)
        )
        key = (self.once.data or "")[:80] or None
        return NewNeed(
            organisation_id=self.ours.id, what=self.what(), around=around, note=self.note.data or "", key=key
        )

    def what(self) -> Food | Place:
        """Give what is looked for: each sort of form says it."""
        raise NotImplementedError

    @property
    def _near(self) -> tuple[float, float] | None:
        found = find_commune(self.ours.commune_code or "")
        return found.point if found else None


class FoodForm(NeedForm):
    """Food that is looked for."""

    sort = Sort.FOOD

    product = LineField(
        _l("What you look for"),
        [_OrElse("category", _l("Say what you look for, or choose a sort of food."))],
        LONGEST_PRODUCT,
        description=_l("For instance “Carrots”. Empty: all food of the sort below."),
    )
    category = SelectField(
        _l("Sort of food"), choices=[("", _l("Any")), *CATEGORIES.items()], validators=[Optional()]
    )
    amount = _OptionalKilos(
        _l("How many kilos about"), render_kw={"inputmode": "decimal", "autocomplete": "off"}
    )
    regime = SelectField(
        _l("Temperature"), choices=[("", _l("Any")), *REGIMES.items()], validators=[Optional()]
    )
    until_day = DayField(_l("Until"), validators=[InputRequired(_l("Choose the last day."))])
    until_time = TimeField(_l("Time"), default=_USUAL_END, validators=_CHOSEN)

    def begin(self) -> None:
        """Fill the form with what is usual: for two weeks."""
        super().begin()
        self.until_day.data = to_wall(clock.now(), self.zone).date() + timedelta(days=_USUAL_DAYS)

    def repeat(self, need: Need) -> None:
        """Fill the form with what was looked for before, except when."""
        super().repeat(need)
        self.product.data, self.category.data, self.regime.data = need.product, need.category, need.regime
        self.amount.show(need.grams or 0)

    def what(self) -> Food:
        """Give what is looked for."""
        return Food(
            product=self.product.data or "",
            category=self.category.data or "",
            grams=self.amount.grams or None,
            regime=self.regime.data or "",
            until_at=from_wall(wall_of(self.until_day.data, self.until_time.data), self.zone),
        )


class PlaceForm(NeedForm):
    """A place or a thing that is looked for."""

    sort = Sort.PLACE

    kind = SelectField(_l("What you look for"), validators=_CHOSEN)
    quantity = IntegerField(
        _l("How many"),
        default=1,
        validators=[InputRequired(_l("Type how many.")), NumberRange(1, MOST_UNITS)],
        description=_l("Posts of a kitchen, pallets of a store, seats…"),
    )
    first_day = DayField(_l("First day"), validators=[InputRequired(_l("Choose the first day."))])
    last_day = DayField(_l("Last day"), validators=[Optional()], description=_l("Empty: the same day."))
    start_time = _OptionalTime(
        _l("From"), validators=[Optional()], description=_l("Where it is lent by the hour.")
    )
    end_time = _OptionalTime(_l("To"))
    regime = SelectField(
        _l("Temperature"),
        choices=[("", _l("Any")), *REGIMES.items()],
        validators=[Optional()],
        description=_l("For storage."),
    )

    def prepare(self, organisation: Organisation) -> None:
        """Offer the kinds that are shared."""
        super().prepare(organisation)
        self.kind.choices = [(key, kinds_name(key)) for key in offered_kinds()]

    def repeat(self, need: Need) -> None:
        """Fill the form with what was looked for before, except when."""
        super().repeat(need)
        self.kind.data, self.quantity.data, self.regime.data = need.kind, need.quantity, need.regime
        self.start_time.data, self.end_time.data = need.start_time, need.end_time

    def validate_end_time(self, field: SelectField) -> None:
        """Refuse one hour without the other."""
        if bool(field.data) != bool(self.start_time.data):
            raise ValidationError(_l("Choose both hours, or neither."))

    def what(self) -> Place:
        """Give what is looked for."""
        first = self.first_day.data or to_wall(clock.now(), self.zone).date()
        return Place(
            kind=self.kind.data,
            first_day=first,
            last_day=self.last_day.data,
            start_time=self.start_time.data or "",
            end_time=self.end_time.data or "",
            quantity=self.quantity.data or 1,
            regime=self.regime.data or "",
        )


class HelpForm(OnceForm):
    """How one can help."""

    organisation = SelectField(_l("In the name of"), validators=_CHOSEN)
    message = TextAreaField(
        _l("Message"),
        validators=[
            DataRequired(_l("Say how you can help: what, when, whom to call.")),
            Length(max=LONGEST_TEXT),
        ],
        description=_l("They read it by e-mail, with the phone of your organisation."),
        render_kw={"rows": 3},
    )

    def prepare(self, organisations: Sequence[tuple[int, str]], chosen: int | None) -> None:
        """Offer those in whose name one may help; the one acted for is chosen first."""
        self.organisation.choices = [(str(number), name) for number, name in organisations]
        ids = [number for number, _name in organisations]
        if not self.organisation.raw_data and ids:
            self.organisation.data = str(chosen if chosen in ids else ids[0])
