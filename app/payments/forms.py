"""The shape of what treasurers type: what came, what goes back, how their organisation is paid."""

from datetime import date
from typing import Any

from wtforms import (
    DateField,
    EmailField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    URLField,
)
from wtforms.validators import DataRequired, Email, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts.models import Organisation
from app.payments.bank.files import FIRST_DAY
from app.payments.bank.numbers import masked
from app.payments.books.postings import Method
from app.payments.models import PayeeTerms
from app.payments.service import Terms
from app.payments.tariffs.words import VAT
from app.payments.ways import BACK, BY_HAND, OFFERED, SENT, choices
from app.web.forms import Form, OnceForm, _l
from app.web.numbers import read_number, typed_number

_DECIMAL = {"inputmode": "decimal", "autocomplete": "off"}


class AmountField(StringField):
    """An amount of money, typed with a comma or a point; `cents` once it is valid."""

    cents = 0

    def pre_validate(self, _form: Any) -> None:
        """Read the amount; refuse what is none, or has a part of a cent."""
        number = read_number(self.data or "")
        if number is None or number * 100 != int(number * 100) or not 0 < number < 10_000_000:
            raise ValidationError(_l("Type an amount, for instance 12,50."))
        self.cents = int(number * 100)

    def show(self, cents: int) -> None:
        """Fill the field with an amount."""
        self.data = typed_number(cents / 100, 2) if cents else ""


class _Ticks(SelectMultipleField):
    """Several choices, each with a box of its own."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _reason(**more: Any) -> TextAreaField:
    return TextAreaField(_l("Reason"), render_kw={"rows": 2}, **more)


class NoteForm(OnceForm):
    """Noting what came."""

    amount = AmountField(
        _l("Amount received"), validators=[InputRequired(_l("Type an amount."))], render_kw=_DECIMAL
    )
    method = SelectField(_l("How it came"), choices=choices(BY_HAND))
    day = DateField(_l("Day"), validators=[InputRequired(_l("Choose the day on which it came."))])
    what = SelectField(_l("Charged for"), default="", validators=[Optional()])
    reference = StringField(
        _l("Reference"),
        validators=[Optional(), Length(max=120)],
        description=_l("What your bank or the cheque says, to find it again."),
    )

    announced = HiddenField(validators=[Optional(), Length(max=16)])
    today = date.max  # where the payee is

    def fit(self, payer: Organisation | None, payee: Organisation) -> None:
        """Offer the ways in which this payer may pay this payee."""
        self.method.choices = choices(BY_HAND, payer=payer, payee=payee)

    def validate_day(self, field: Any) -> None:
        """Refuse days that no book of ours is about, and those on which nothing can have come yet."""
        if field.data and field.data < FIRST_DAY:
            raise ValidationError(_l("Choose a day since 2020."))
        if field.data and field.data > self.today:
            raise ValidationError(_l("That day is still to come. Note what came once it is there."))


class AnnounceForm(OnceForm):
    """Saying that money is on its way."""

    today = date.max  # where the payer is
    amount = AmountField(
        _l("Amount sent"), validators=[InputRequired(_l("Type an amount."))], render_kw=_DECIMAL
    )
    method = SelectField(_l("How you sent it"), choices=choices(SENT))
    day = DateField(_l("Day"), validators=[InputRequired(_l("Choose the day on which you sent it."))])
    reference = StringField(
        _l("Reference"),
        validators=[Optional(), Length(max=120)],
        description=_l("What you wrote with it, or the number of the cheque."),
    )

    def fit(self, payer: Organisation, payee: Organisation) -> None:
        """Offer the ways in which this payer may pay this payee."""
        self.method.choices = choices(SENT, payer=payer, payee=payee)

    def validate_day(self, field: Any) -> None:
        """Refuse days that no book of ours is about."""
        if field.data and field.data < FIRST_DAY:
            raise ValidationError(_l("Choose a day since 2020."))
        if field.data and field.data > self.today:
            raise ValidationError(_l("That day is still to come. Say so once you have sent it."))


class AdvanceForm(NoteForm):
    """Noting what came from whoever paid, also before anything was charged."""

    payer = SelectField(_l("Who paid"))


class BackForm(OnceForm):
    """Giving money back."""

    amount = AmountField(
        _l("Amount given back"), validators=[InputRequired(_l("Type an amount."))], render_kw=_DECIMAL
    )
    by: SelectField | None = SelectField(
        _l("How it goes back"),
        default="",
        choices=[("", _l("By Stripe, to the card or account it came from")), *choices(BACK)],
        description=_l("Stripe could not give it back: send it yourself, and note here how."),
    )
    why = _reason(validators=[Optional(), Length(max=500)])

    @property
    def method(self) -> Method | None:
        """How it goes back, where the payee gives it back by hand."""
        return Method(self.by.data) if self.by is not None and self.by.data else None


class UndoForm(Form):
    """Taking back what was noted by mistake."""

    reason = _reason(
        validators=[DataRequired(_l("Say what was wrong: both sides read it.")), Length(max=500)]
    )


class RepaidForm(Form):
    """How what a bank took beyond a payment was given back."""

    method = SelectField(_l("How it came"), choices=choices(BY_HAND))

    def fit(self, payer: Organisation, payee: Organisation) -> None:
        """Offer the ways in which this payer may pay this payee."""
        self.method.choices = choices(BY_HAND, payer=payer, payee=payee)


class TermsForm(Form):
    """How an organisation is paid."""

    legal_name = StringField(
        _l("Legal name"),
        validators=[DataRequired(_l("Type the name that is on your bills.")), Length(max=160)],
        description=_l("As on your bills; cheques are made out to it."),
    )
    address = TextAreaField(
        _l("Address"),
        validators=[Optional(), Length(max=500)],
        description=_l(
            "On the bills that you issue, and on those that you receive: there is none without it."
        ),
        render_kw={"rows": 3},
    )
    siret = StringField(
        _l("SIRET"),
        validators=[Optional(), Length(max=30)],
        description=_l("Fourteen digits."),
        render_kw={"inputmode": "numeric"},
    )
    vat_regime = SelectField(
        _l("VAT"),
        default="",
        choices=[("", _l("Not said")), *[(each.value, words) for each, words in VAT.items()]],
    )
    vat_number = StringField(_l("VAT number"), validators=[Optional(), Length(max=30)])
    methods = _Ticks(
        _l("How you are paid"),
        choices=choices(OFFERED),
        description=_l("Who owes you something reads these, and only these."),
    )
    holder = StringField(
        _l("Holder of the account"),
        validators=[Optional(), Length(max=70)],
        description=_l("As your bank has it."),
    )
    iban = StringField(_l("IBAN"), validators=[Optional(), Length(max=60)], render_kw={"autocomplete": "off"})
    bic = StringField(_l("BIC"), validators=[Optional(), Length(max=20)], render_kw={"autocomplete": "off"})
    payfip_url = URLField(_l("PayFiP page"), validators=[Optional(), Length(max=300)])
    contact_email = EmailField(
        _l("E-mail for questions about payments"),
        validators=[Optional(), Email(_l("Type an e-mail address.")), Length(max=254)],
        description=_l("What changes of where your money goes is told there, too."),
    )
    note = TextAreaField(
        _l("Note for who pays"),
        validators=[Optional(), Length(max=500)],
        description=_l("For instance where cash is handed over."),
        render_kw={"rows": 2},
    )

    def fit(self, organisation: Organisation, terms: PayeeTerms | None) -> None:
        """Offer what this organisation may offer, and say which account number it has."""
        self.methods.choices = choices(OFFERED, payee=organisation)
        if terms and terms.iban:
            self.iban.description = _l("Today %(iban)s. Leave it empty to keep it.", iban=masked(terms.iban))

    def show(self, organisation: Organisation, terms: PayeeTerms | None) -> None:
        """Fill the form with what is known; the account number is not shown again."""
        if terms is None:
            self.process(data={"legal_name": organisation.name, "contact_email": organisation.email or ""})
        else:
            self.process(obj=terms)
            self.iban.data = ""
        self.fit(organisation, terms)

    def terms(self) -> Terms:
        """Give what was typed."""
        methods = tuple(Method(each) for each in self.methods.data or () if each in {*Method})
        typed = {name: self[name].data or "" for name in Terms.__dataclass_fields__ if name != "methods"}
        return Terms(methods=methods, **typed)


__all__ = ["AdvanceForm", "AnnounceForm", "BackForm", "NoteForm", "RepaidForm", "TermsForm", "UndoForm"]
