"""The shape of what people type about a booking. The time itself is read by app.availability.asking."""

import re
from collections.abc import Mapping, Sequence

from wtforms import (
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional
from wtforms.widgets import DateInput, NumberInput

from app.availability.asking import FIELDS, Asked, read_slot
from app.availability.rules import Terms, days_ahead
from app.bookings.service import MAX_PURPOSE, MAX_TEXT
from app.core import clock
from app.web.forms import Form, OnceForm, _l
from app.web.words import sentence

MOST_PEOPLE = 100_000
MAX_MESSAGE = 2000
_KEY = re.compile(r"[A-Za-z0-9_-]{16,80}")


class SlotFields(Form):
    """When and how many, with the names that every address of a slot uses."""

    date = StringField(_l("Day"), widget=DateInput(), validators=[Length(max=40)])
    de = SelectField(_l("From"), validate_choice=False)
    a = SelectField(_l("To"), validate_choice=False)
    fin = StringField(_l("Ends on another day"), widget=DateInput(), validators=[Length(max=40)])
    quantite = StringField(_l("How many"), widget=NumberInput(min=1), validators=[Length(max=40)])

    def fit(self, terms: Terms, times: Sequence[tuple[str, str]], units: str = "") -> None:
        """Offer the times of this resource, and what was typed even where it is none of them; count in its units."""
        if units:
            self.quantite.label.text = units
        first, last = days_ahead(terms, clock.now())
        for day in (self.date, self.fin):
            day.render_kw = {"min": first.isoformat(), "max": last.isoformat()}
        for field in (self.de, self.a):
            typed = field.data if isinstance(field.data, str) else ""
            missing = [(typed, typed)] if typed and typed not in dict(times) else []
            field.choices = [("", "–"), *times, *missing]
        if terms.by_day:
            self.date.label.text, self.fin.label.text = _l("First day"), _l("Last day (included)")
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


class AskForm(SlotFields, OnceForm):
    """Asking for a slot."""

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

    @property
    def key(self) -> str | None:
        """Give what makes a repeated send count once; what is no key of ours counts for nothing."""
        typed = self.once.data or ""
        return typed if _KEY.fullmatch(typed) else None

    def offer(self, organisations: Sequence[tuple[int, str]]) -> None:
        """Offer the organisations this person may ask for."""
        self.organisation.choices = list(organisations)
        self.organisation.flags.required = True


class ChangeForm(SlotFields):
    """Moving a booking to another time or quantity."""


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
    reason = TextAreaField(_l("Reason"), validators=[Length(max=MAX_TEXT)])
