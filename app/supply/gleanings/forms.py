"""What is typed about gleanings: the call, who comes, what came of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.accounts.models import Organisation
from app.catalogue.models import Site
from app.core import clock
from app.core.span import NonexistentTime, from_wall, to_wall
from app.supply.cargo_fields import KilosField
from app.supply.edits import last_edit
from app.supply.gleanings.models import Gleaning
from app.supply.gleanings.rules import (
    MOST_AGE,
    MOST_PEOPLE,
    MOST_TOGETHER,
    check_end,
    check_people,
    check_start,
)
from app.supply.gleanings.service import Advice, NewGleaning
from app.supply.offers.forms import ELSEWHERE, GoodsForm, Ticks, on_the_list
from app.supply.offers.rules import LONGEST_NAME, LONGEST_TEXT, Category
from app.web.forms import DayField, Form, TimeField, _l, told_here, wall_of

_WHOLE = {"inputmode": "numeric", "autocomplete": "off"}
_DECIMAL = {"inputmode": "decimal", "autocomplete": "off"}
_LINE = {"autocomplete": "off"}
_WORDS = ("meeting_point", "ask_for", "tools_provided", "tools_to_bring", "rain", "note")
_CHOSEN = (InputRequired(_l("Choose among the values offered.")),)


def _people(label: Any, default: int) -> IntegerField:
    missing = InputRequired(_l("Type a number of people, for instance 12."))
    within = NumberRange(1, MOST_PEOPLE, _l("Type a number of people between 1 and %(max)s."))
    return IntegerField(label, validators=[missing, within], default=default, render_kw=_WHOLE)


def _prose(label: Any, example: Any) -> TextAreaField:
    longest = Length(max=LONGEST_TEXT)
    return TextAreaField(label, validators=[longest], description=example, render_kw={"rows": 2})


class GleaningForm(GoodsForm):
    """What there is to pick up and where, when, how many people, what they have to know."""

    day = DayField(_l("Day"), validators=[InputRequired(_l("Choose the day of the gleaning."))])
    start = TimeField(_l("From"), default="09:00", validators=_CHOSEN)
    end = TimeField(_l("To"), default="12:00", validators=_CHOSEN)
    least_people = _people(_l("People needed, at least"), 6)
    most_people = _people(_l("People, at most"), 15)
    meeting_point = StringField(
        _l("Meeting point"),
        validators=[Length(max=LONGEST_NAME)],
        description=_l("For instance “the car park of the farm”."),
        render_kw=_LINE,
    )
    ask_for = StringField(
        _l("Whom to ask for on the spot"),
        validators=[Length(max=LONGEST_NAME)],
        description=_l("A first name is enough. It is erased 30 days after the gleaning."),
        render_kw=_LINE,
    )
    tools_to_bring = _prose(_l("What to bring"), _l("For instance gloves, boots, water."))
    tools_provided = _prose(_l("What is there already"), _l("For instance crates, knives, a wheelbarrow."))
    rain = _prose(_l("If it rains"), _l("For instance “moved to the day after, you read it by e-mail”."))
    min_age = IntegerField(
        _l("Minimum age"),
        validators=[Optional(), NumberRange(0, MOST_AGE, _l("Type an age between 0 and %(max)s."))],
        description=_l("Empty: anybody can come."),
        render_kw=_WHOLE,
    )
    note = _prose(_l("Note"), _l("Anything else to know."))

    def prepare(self, organisation: Organisation, sites: Sequence[Site]) -> None:
        """Offer the places of the organisation; nobody knows yet how many kilos there will be."""
        super().prepare(organisation, sites)
        self.amount.label.text = _l("Kilos expected")

    kept: datetime | None = None  # when what is corrected begins

    def validate_day(self, _field: DayField) -> None:
        """Refuse a beginning that cannot be, beside what else is wrong."""
        start_at = self._at(self.start)
        if start_at is not None:
            with told_here():
                check_start(start_at, clock.now(), self.kept)

    def validate_end(self, _field: TimeField) -> None:
        """Refuse an end that cannot be."""
        start_at, end_at = self._at(self.start), self._at(self.end)
        if start_at is not None and end_at is not None:
            with told_here():
                check_end(start_at, end_at)

    def validate_most_people(self, field: IntegerField) -> None:
        """Refuse fewer people than are needed."""
        least = self.least_people
        if least.data and field.data and not (least.errors or field.errors):
            with told_here():
                check_people(least.data, field.data)

    def _at(self, time: TimeField) -> datetime | None:
        """Tell when a time is on the day that was chosen; None where one of the two cannot be read, or is not."""
        choices: list[Any] = list(time.choices or ())
        is_listed = any(time.data == each[0] for each in choices)
        if not is_listed or self.day.data is None or not self.day.is_near:
            return None
        try:
            return from_wall(wall_of(self.day.data, time.data), ZoneInfo(self.ours.territory.timezone))
        except NonexistentTime:
            return None  # said when all else is right

    def begin(self) -> None:
        """Fill the form with what is usual: fruit, in the first place of the organisation."""
        self.where.data = next((each[0] for each in self.where.choices or ()), ELSEWHERE)

    def show(self, gleaning: Gleaning, sites: Sequence[Site]) -> None:
        """Fill the form with a gleaning as it stands."""
        self.repeat(gleaning, sites)
        self.vu.data = str(last_edit(gleaning.__tablename__, gleaning.id))
        self.day.data = self._wall(gleaning.start_at).date()

    def repeat(self, gleaning: Gleaning, sites: Sequence[Site]) -> None:
        """Fill the form with what was called for before, except the day."""
        self.fill(gleaning, sites)
        self.start.data = on_the_list(self._wall(gleaning.start_at))
        self.end.data = on_the_list(self._wall(gleaning.end_at))
        for name in ("least_people", "most_people", "min_age", *_WORDS):
            self[name].data = getattr(gleaning, name)

    @property
    def is_unusual(self) -> bool:
        """Tell whether something of what is folded has to be seen."""
        folded = (self.packaging, self.per_package, self.regime, self.commune)
        return any(each.errors for each in folded) or self.where.data == ELSEWHERE

    def called(self, organisation: Organisation, sites: Sequence[Site]) -> NewGleaning:
        """Give what was typed; raise CommuneUnknown, CommuneAmbiguous, NonexistentTime."""
        zone = ZoneInfo(organisation.territory.timezone)
        return NewGleaning(
            product=self.product.data or "",
            category=Category(self.category.data),
            cargo=self.cargo(),
            place=self.placed(organisation, sites),
            start_at=from_wall(wall_of(self.day.data, self.start.data), zone),
            end_at=from_wall(wall_of(self.day.data, self.end.data), zone),
            least_people=self.least_people.data or 0,
            most_people=self.most_people.data or 0,
            min_age=self.min_age.data,
            advice=Advice(**{name: self[name].data or "" for name in _WORDS}),
        )

    def _wall(self, at: datetime) -> datetime:
        return to_wall(at, ZoneInfo(self.ours.territory.timezone))


class SignUpForm(Form):
    """Coming, alone or with others."""

    others = IntegerField(
        _l("How many come with you"),
        validators=[
            InputRequired(_l("Type how many come with you; 0 if you come alone.")),
            NumberRange(0, MOST_TOGETHER - 1, _l("Type a number between 0 and %(max)s.")),
        ],
        default=0,
        render_kw=_WHOLE,
    )

    part = StringField()  # which button was pressed: some of them come, or all wait

    @property
    def people(self) -> int:
        """Count them, and whoever signs up."""
        return int(self.others.data or 0) + 1

    @property
    def split(self) -> bool | None:
        """Tell whether some of them come where not all fit; None where nobody said."""
        return {"some": True, "all": False}.get(self.part.data or "")


class HarvestForm(Form):
    """What was picked up."""

    amount = KilosField(
        _l("Kilos picked up"),
        validators=[InputRequired(_l("Type how many kilos were picked up."))],
        render_kw=_DECIMAL,
    )


class AttendanceForm(Form):
    """Who came."""

    came = Ticks(_l("Who came"), validators=[Optional()])


class ReasonForm(Form):
    """Why it does not take place."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[DataRequired(_l("Say why: who signed up reads it.")), Length(max=LONGEST_TEXT)],
        render_kw={"rows": 2},
    )
