"""The shape of what the coordination types about subsidies."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.accounts.models import Organisation
from app.catalogue.kinds import KINDS
from app.catalogue.kinds.fields import CheckboxesField
from app.payments.models import FOOD, Envelope, Programme
from app.payments.service import NewEnvelope, NewProgramme
from app.payments.service.subsidising import ProgrammeTerms
from app.payments.subsidy_words import helped_name
from app.web.forms import Form, _l
from app.web.numbers import read_number, typed_number

MOST_CENTS = 10_000_000_00
LAST = 99  # the turn of whoever pays after all others
_NUMBER = {"inputmode": "decimal", "autocomplete": "off"}


class AmountsForm(Form):
    """A form with amounts of money, typed in euros."""

    def hundredths(self, field: Any, most: int = MOST_CENTS) -> int | None:
        """Read euros as cents (or percent as basis points); what cannot be read is said. None where it is empty."""
        if not (field.data or "").strip():
            return None
        number = read_number(field.data)
        if number is None or number < 0 or number * 100 != int(number * 100) or number * 100 > most:
            self.refuse(
                field.name,
                _(
                    "Enter a number from 0 to %(most)s, with at most two digits after the point.",
                    most=most // 100,
                ),
            )
            return None
        return int(number * 100)


def _amount(label: Any, *, needed: bool = False, **more: Any) -> StringField:
    validators = [InputRequired(_l("Enter an amount, 0 if nothing."))] if needed else [Optional()]
    return StringField(label, validators=[*validators, Length(max=20)], render_kw=_NUMBER, **more)


class TermsForm(AmountsForm):
    """What a programme pays: how much, for what, before or after whom."""

    name = StringField(_l("Name"), validators=[InputRequired(_l("Give it a name.")), Length(max=160)])
    rate = _amount(_l("Percentage of the cost"), needed=True)
    most = _amount(_l("At most for one booking, in euros"))
    most_each = _amount(
        _l("At most for one organisation, in euros"), description=_l("Of the budget of one period.")
    )
    priority = IntegerField(
        _l("Order"),
        default=1,
        validators=[
            InputRequired(),
            NumberRange(0, LAST, _l("Enter a whole number from 0 to %(max)s.", max=LAST)),
        ],
        description=_l("1 pays first; who comes after pays of what is left."),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    kinds = CheckboxesField(
        _l("For"),
        choices=lambda: [(kind, helped_name(kind)) for kind in (*KINDS, FOOD)],
        validators=[Optional()],
        description=_l("None ticked: of every resource. Food is helped only where it is ticked."),
    )

    def terms(self) -> ProgrammeTerms | None:
        """Give what was typed and has passed `validate`; None where a number cannot be read, which is then said."""
        rate, most = self.hundredths(self.rate, 10_000), self.hundredths(self.most)
        most_each = self.hundredths(self.most_each)
        if any(field.errors for field in self) or rate is None:
            return None
        name, kinds = (self.name.data or "").strip(), tuple(self.kinds.data or ())
        priority = self.priority.data or 0
        return ProgrammeTerms(name, rate, priority, most, most_each, kinds)

    def show(self, programme: Programme) -> None:
        """Fill the form with what a programme pays today."""
        self.name.data, self.priority.data = programme.name, programme.priority
        self.kinds.data = list(programme.kinds)
        self.rate.data = typed_number(programme.rate_bp / 100, 2)
        for field, cents in ((self.most, programme.most_cents), (self.most_each, programme.most_each_cents)):
            field.data = "" if cents is None else typed_number(cents / 100, 2)


class ProgrammeForm(TermsForm):
    """A programme, and who pays it."""

    organisation = SelectField(_l("Who pays"), validators=[InputRequired()])

    def offer(self, organisations: Iterable[Organisation]) -> None:
        """Offer these organisations as payers."""
        self.organisation.choices = [("", "–"), *((each.public_id, each.name) for each in organisations)]

    def new(self, territory_id: int, organisation_id: int) -> NewProgramme | None:
        """Give what was typed and has passed `validate`; None where a number cannot be read, which is then said."""
        terms = self.terms()
        return None if terms is None else NewProgramme(territory_id, organisation_id, **vars(terms))


class EnvelopeForm(AmountsForm):
    """A budget for a period, both its days included."""

    starts_on = DateField(_l("From (first day)"), validators=[InputRequired(_l("Choose a day."))])
    ends_on = DateField(_l("Until (last day)"), validators=[InputRequired(_l("Choose a day."))])
    budget = _amount(_l("Budget, in euros"), needed=True)

    def new(self, programme_id: int) -> NewEnvelope | None:
        """Give what was typed and has passed `validate`; None where the amount cannot be read, which is then said."""
        budget = self.hundredths(self.budget)
        if budget is None or self.starts_on.data is None or self.ends_on.data is None:
            return None
        try:
            end = self.ends_on.data + timedelta(days=1)
        except OverflowError:
            self.refuse("ends_on", _("Choose a day."))
            return None
        return NewEnvelope(programme_id, self.starts_on.data, end, budget)


class BudgetForm(AmountsForm):
    """Another budget."""

    budget = _amount(_l("Budget, in euros"), needed=True)

    def show(self, envelope: Envelope) -> None:
        """Fill the form with the budget there is, or the one that is asked."""
        cents = envelope.budget_cents if envelope.asked_cents is None else envelope.asked_cents
        self.budget.data = typed_number(cents / 100, 2)
