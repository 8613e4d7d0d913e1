"""What is typed about deposits: what a resource asks for."""

from typing import Any

from wtforms import RadioField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts.rules import PRIORITY_CLASSES
from app.accounts.words import PRIORITIES
from app.payments.deposits.models import DepositTerms
from app.payments.deposits.rules import MOST_CENTS, Occasion
from app.payments.deposits.words import OCCASIONS
from app.web.forms import Form, _l
from app.web.numbers import read_number, typed_number


class DepositField(StringField):
    """An amount that may be nothing, typed with a comma or a point; `cents` once it is valid."""

    cents = 0

    def pre_validate(self, _form: Any) -> None:
        """Read the amount; refuse what is none, or has a part of a cent."""
        number = read_number(self.data or "")
        if number is None or number * 100 != int(number * 100) or not 0 <= number * 100 <= MOST_CENTS:
            raise ValidationError(_l("Type an amount, for instance 500; 0 for none."))
        self.cents = int(number * 100)


class _Ticks(SelectMultipleField):
    """Several choices, each with a box of its own."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DepositTermsForm(Form):
    """What a resource asks for as a deposit."""

    amount = DepositField(
        _l("Deposit"),
        validators=[InputRequired(_l("Type an amount; 0 for none."))],
        description=_l("0: none is asked for."),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    occasion = RadioField(_l("When"), choices=[(each.value, words) for each, words in OCCASIONS.items()])
    exempt = _Ticks(
        _l("Not asked of"),
        choices=[(each, PRIORITIES[each]) for each in PRIORITY_CLASSES],
        validators=[Optional()],
    )

    def show(self, terms: DepositTerms | None) -> None:
        """Fill the form with what is asked for today."""
        self.amount.data = typed_number((terms.cents if terms else 0) / 100, 2)
        self.occasion.data = terms.occasion if terms else Occasion.FIRST.value
        self.exempt.data = list(terms.exempt) if terms else []
