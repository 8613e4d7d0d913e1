"""The shape of what people type about a booking. The time itself is read by app.availability.asking."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, DateInput, ListWidget, NumberInput, Select

from app.availability.asking import FIELDS, Asked, read_day, read_slot
from app.availability.rules import Terms, days_ahead
from app.bookings.licence import LicenceField
from app.bookings.occurrences import refuse_unaskable
from app.bookings.service import MAX_PURPOSE, MAX_TEXT, Scope
from app.core import clock
from app.core.recurrence import MOST_INTERVAL, MOST_TIMES, BadRule, Frequency, Rule, nth_of
from app.web.forms import Form, OnceForm, _l
from app.web.words import sentence

MOST_PEOPLE = 100_000
MAX_MESSAGE = 2000
_KEY = re.compile(r"[A-Za-z0-9_-]{16,80}")


class DayField(SelectField):
    """A day; where people ask by months, one of those to choose from."""

    widget: Any = DateInput()

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, choices=[], validate_choice=False, **kwargs)

    def _value(self) -> str:
        return str(self.data or "")

    def offer_months(self, months: Sequence[tuple[str, str]]) -> None:
        """Let people choose a month."""
        self.widget, self.choices, self.render_kw = Select(), [("", "–"), *months], {}


class SlotFields(Form):
    """When and how many, with the names that every address of a slot uses."""

    date = DayField(_l("Day"), validators=[Length(max=40)])
    de = SelectField(_l("From"), validate_choice=False)
    a = SelectField(_l("To"), validate_choice=False)
    fin = DayField(_l("Ends on another day"), validators=[Length(max=40)])
    quantite = StringField(_l("How many"), widget=NumberInput(min=1), validators=[Length(max=40)])
    unite = SelectField(_l("In which unit?"), validate_choice=False)

    def fit(
        self,
        terms: Terms,
        times: Sequence[tuple[str, str]],
        units: str = "",
        packs: Sequence[tuple[str, str]] = (),
        months: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Offer the times of this resource, and what was typed even where it is none of them; count in its units."""
        if units and not packs:
            self.quantite.label.text = units
        self.unite.choices = list(packs)
        first, last = days_ahead(terms, clock.now())
        for day in (self.date, self.fin):
            day.render_kw = {"min": first.isoformat(), "max": last.isoformat()}
        for field in (self.de, self.a):
            typed = field.data if isinstance(field.data, str) else ""
            missing = [(typed, typed)] if typed and typed not in dict(times) else []
            field.choices = [("", "–"), *times, *missing]
        if terms.by_day:
            self.date.label.text, self.fin.label.text = _l("First day"), _l("Last day (included)")
        if months:
            self.date.label.text, self.fin.label.text = _l("First month"), _l("Last month (included)")
            self.date.offer_months(months)
            self.fin.offer_months(months)
        self.fin.flags.required = terms.by_day
        for needed in (self.date, self.de, self.a, self.quantite):
            needed.flags.required = True

    def raw(self) -> dict[str, str]:
        """Give the slot fields as they were typed."""
        return {name: str(self[name].data or "") for name in FIELDS}

    def fill(self, params: Mapping[str, str]) -> None:
        """Put another slot in the fields, whatever was typed."""
        for name in FIELDS:
            self[name].data = params.get(name, "")

    def read(self, terms: Terms) -> Asked:
        """Read the slot, and attach what is wrong with it to its fields."""
        asked = read_slot(self.raw(), terms, required=True)
        for name, refusal in asked.errors.items():
            self.refuse(name, sentence(refusal.code, refusal.facts))
        return asked


def _weekday(typed: Any) -> int:
    """Read a day of the week; what is none becomes a day that no rule has, which is refused in words of ours."""
    return int(typed) if str(typed) in "0123456" else -1


class RepeatFields(Form):
    """How a slot is repeated; nothing is where it is asked for once."""

    repete = SelectField(
        _l("Repeat"),
        choices=[
            ("", _l("Only once")),
            (Frequency.DAILY, _l("Each day")),
            (Frequency.WEEKLY, _l("Each week, on the days ticked below")),
            (Frequency.MONTHLY_DATE, _l("Each month, on the same date")),
            (Frequency.MONTHLY_WEEKDAY, _l("Each month, on the same weekday (such as the second Tuesday)")),
        ],
        default="",
        validators=[Optional()],
    )
    tous_les = IntegerField(
        _l("One in every"),
        validators=[Optional(), NumberRange(1, MOST_INTERVAL)],
        description=_l("1: every week (day, month); 2: every second one; 3: every third one…"),
        render_kw={"min": 1, "max": MOST_INTERVAL, "inputmode": "numeric"},
    )
    jours = SelectMultipleField(
        _l("Days of the week"),
        coerce=_weekday,
        choices=[(number, str(number)) for number in range(7)],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("None ticked: the weekday chosen above."),
        validate_choice=False,
    )
    jusqu_au = StringField(_l("Until"), widget=DateInput(), validators=[Length(max=40)])
    fois = IntegerField(
        _l("Or how many times"),
        validators=[Optional(), NumberRange(1, MOST_TIMES)],
        description=_l("Without an end, new dates are added by themselves as they come in reach."),
        render_kw={"min": 1, "max": MOST_TIMES, "inputmode": "numeric"},
    )
    sauf_vacances = BooleanField(_l("Except school holidays"))

    def name_days(self, names: Sequence[str]) -> None:
        """Name the days of the week in the reader's language."""
        self.jours.choices = list(enumerate(names))

    @property
    def is_repeated(self) -> bool:
        """Tell whether anything about a repetition was typed or is wrong, so that its fields must be seen."""
        return bool(self.repete.data or any(self[name].data or self[name].errors for name in _REPETITION))

    def validate(self, extra_validators: Any = None) -> bool:
        """Check what the fields of the repetition say together; all that is wrong is told at once."""
        valid = super().validate(extra_validators)
        wrong = dict(self._wrong_together())
        for field, why in wrong.items():
            self.refuse(field, why)
        return valid and not wrong

    def _wrong_together(self) -> Iterator[tuple[str, str]]:
        if not self.repete.data and any(self[name].data for name in _REPETITION):
            yield "repete", _("Choose how to repeat, or empty the fields of the repetition.")
        if self.repete.data and self.repete.data != Frequency.WEEKLY and self.jours.data:
            yield (
                "jours",
                _("Days of the week count only for “Each week”. Choose it, or untick the days."),
            )
        if self.jusqu_au.data and read_day(self.jusqu_au.data) is None:
            yield "jusqu_au", sentence("bad_date", {"typed": self.jusqu_au.data})

    def read_rule(self, first: dt.date, terms: Terms) -> Rule | None:
        """Read the rule that begins on a day at a place; None when it cannot be, which is attached to its field.

        What `validate` has refused already counts for nothing here, so that the rest is read all the same.
        """
        if self.repete.errors:
            return None
        until = read_day(self.jusqu_au.data) if self.jusqu_au.data else None
        try:
            rule = self._rule(first, until)
            refuse_unaskable(rule, terms)
        except BadRule as error:
            self.refuse(_FIELD_OF.get(error.facts["reason"], "repete"), sentence(error.code, error.facts))
            return None
        return rule

    def _rule(self, first: dt.date, until: dt.date | None) -> Rule:
        frequency = Frequency(self.repete.data)
        weekly = frequency is Frequency.WEEKLY
        return Rule(
            frequency,
            first,
            (not self.tous_les.errors and self.tous_les.data) or 1,
            tuple(self.jours.data or (first.weekday(),)) if weekly else (),
            nth_of(first) if frequency is Frequency.MONTHLY_WEEKDAY else 0,
            until,
            None if self.fois.errors else self.fois.data,
            bool(self.sauf_vacances.data),
        )


_REPETITION = ("tous_les", "jours", "jusqu_au", "fois", "sauf_vacances")
_FIELD_OF = {
    "first_over": "date",
    "interval": "tous_les",
    "weekdays": "jours",
    "times": "fois",
    "two_ends": "fois",
    "until_before_first": "jusqu_au",
    "until_too_far": "jusqu_au",
}


class WhyFields(OnceForm):
    """For whom and what for something is asked: the same for one slot, a series or several resources."""

    organisation = SelectField(_l("For which organisation?"), coerce=int)
    purpose = StringField(
        _l("What will you do there?"),
        validators=[
            DataRequired(
                _l("Say in a few words what you will do there: it helps the manager to answer quickly.")
            ),
            Length(max=MAX_PURPOSE),
        ],
        description=_l("A few words the manager will read first: soup for 60 people, apple pressing…"),
        render_kw={"maxlength": MAX_PURPOSE, "autocomplete": "off"},
    )
    people = IntegerField(
        _l("How many people will come?"),
        validators=[Optional(), NumberRange(1, MOST_PEOPLE)],
        render_kw={"min": 1, "inputmode": "numeric"},
    )
    message = TextAreaField(
        _l("Message for the manager"),
        validators=[Length(max=MAX_MESSAGE)],
        description=_l("A question, a need: arriving early, a delivery, a first visit…"),
        render_kw={"rows": 4, "maxlength": MAX_MESSAGE},
    )

    override = TextAreaField(
        _l("Reason to set the rules of the place aside"),
        validators=[Length(max=MAX_MESSAGE)],
        description=_l(
            "Both sides read it. Notice, opening hours and lengths do not count then; capacity always does."
        ),
        render_kw={"rows": 2, "maxlength": MAX_MESSAGE},
    )

    @property
    def key(self) -> str | None:
        """Give what makes a repeated send count once; what is no key of ours counts for nothing."""
        typed = self.once.data or ""
        return typed if _KEY.fullmatch(typed) else None

    def offer(self, organisations: Sequence[tuple[int, str]]) -> None:
        """Offer the organisations this person may ask for."""
        self.organisation.choices = list(organisations)
        self.organisation.flags.required = True


class LegFields(SlotFields):
    """The slot of one of several resources, and what is confirmed of its driver."""

    licence_years = LicenceField()


class AskForm(SlotFields, RepeatFields, WhyFields):
    """Asking for a slot, once or again and again."""

    licence_years = LicenceField()
    recall = BooleanField(
        _l("Call my quota back"),
        description=_l(
            "The newest bookings give back first, and only what is needed. They are told, and the place."
        ),
    )


class ChangeForm(SlotFields):
    """Moving a booking, or several of a series, to another time or quantity."""

    portee = SelectField(
        _l("Which dates?"),
        choices=[
            (Scope.THIS, _l("This date only")),
            (Scope.FOLLOWING, _l("This date and the following")),
            (Scope.ALL, _l("All dates that have not begun")),
        ],
        default=Scope.THIS,
        description=_l(
            "For several dates the times change; in a weekly series the day of the week may change too. Dates with a "
            "day or times of their own keep these. Dates at another place stay as they are, and so do those whose new "
            "day is too far ahead, or a school holiday that the series leaves out."
        ),
    )


class ProposeForm(SlotFields):
    """Proposing another slot instead of the one asked for."""

    ressource = HiddenField()
    message = TextAreaField(
        _l("Message for whoever asked"),
        validators=[Length(max=MAX_MESSAGE)],
        description=_l("Why this slot rather than the one they asked for: they read it before they choose."),
        render_kw={"rows": 3, "maxlength": MAX_MESSAGE},
    )


class LinkProposeForm(ProposeForm):
    """The same from an e-mail: the link is the proof, so it works without cookies."""

    class Meta(Form.Meta):
        csrf = False


class WaitForm(SlotFields):
    """Waiting for a slot that others have; who only wants to be told leaves the rest empty."""

    organisation = SelectField(_l("For which organisation?"), coerce=int, validate_choice=False)
    purpose = StringField(
        _l("What will you do there?"),
        validators=[Length(max=MAX_PURPOSE)],
        description=_l("Asked in your name when the slot is yours."),
        render_kw={"maxlength": MAX_PURPOSE, "autocomplete": "off"},
    )
    people = IntegerField(
        _l("How many people will come?"),
        validators=[Optional(), NumberRange(1, MOST_PEOPLE)],
        render_kw={"min": 1, "inputmode": "numeric"},
    )
    message = TextAreaField(
        _l("Message for the manager"),
        validators=[Length(max=MAX_MESSAGE)],
        description=_l("Sent with the request, once the slot is yours to ask for."),
        render_kw={"rows": 4, "maxlength": MAX_MESSAGE},
    )
    mode = HiddenField()


class ReasonForm(Form):
    """Refusing or cancelling, with a reason that the other side reads."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[
            DataRequired(_l("Give a reason: the other side reads it and knows what to do.")),
            Length(max=MAX_TEXT),
        ],
    )


class MessageForm(Form):
    """Writing to the other side."""

    text = TextAreaField(
        _l("Your message"),
        validators=[DataRequired(_l("Write something before you send it.")), Length(max=MAX_TEXT)],
    )


class LinkForm(Form):
    """Deciding from an e-mail: the link is the proof, so this form works without cookies."""

    class Meta(Form.Meta):
        csrf = False

    verdict = HiddenField()
    libres = HiddenField()  # of a series, a yes to the free dates only
    reason = TextAreaField(_l("Reason"), validators=[Length(max=MAX_TEXT)])
