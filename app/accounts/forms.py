"""The shape of what people type about themselves and their organisations."""

from datetime import date, datetime
from typing import Any

from flask import request
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.accounts.food_aid import Level, check_days, check_named
from app.accounts.food_aid_words import LEVELS
from app.accounts.leaving import Farewell, Standing, Tie, under_way
from app.accounts.models import Organisation
from app.accounts.places import commune_code, commune_label
from app.accounts.rules import ORGANISATION_KINDS, PASSWORD_MAX, PASSWORD_MIN, PRIORITY_CLASSES
from app.accounts.service import AuthorisationFacts, OrganisationFacts
from app.accounts.words import KINDS, LANGUAGES, NATURES, PRIORITIES
from app.web.forms import Form, _l, told_here

_PASSWORD_HELP = _l("At least 10 characters. Three or four words that only you put together are perfect.")

HEIR, NOBODY = "heir_", "cancel"


def _required(message: Any) -> list[Any]:
    return [DataRequired(message)]


def _email(label: Any) -> EmailField:
    return EmailField(
        label,
        validators=[DataRequired(_l("Type an e-mail address.")), Length(max=254)],
        render_kw={"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"},
    )


def _person_name() -> StringField:
    return StringField(
        _l("First and last name"),
        validators=[DataRequired(_l("Tell us your name: it is shown with your requests.")), Length(max=160)],
        render_kw={"autocomplete": "name"},
    )


def _phone() -> TelField:
    return TelField(
        _l("Phone"),
        validators=[Optional(), Length(max=30)],
        description=_l("Shown to the people you share a booking with, so that they can reach you."),
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )


def _present_password() -> PasswordField:
    return PasswordField(
        _l("Present password"),
        validators=[InputRequired(_l("Type your password.")), Length(max=1000)],
        render_kw={"autocomplete": "current-password"},
    )


def _new_password(label: Any) -> PasswordField:
    return PasswordField(
        label,
        validators=[InputRequired(_l("Choose a password.")), Length(max=1000)],
        description=_PASSWORD_HELP,
        render_kw={"autocomplete": "new-password", "minlength": PASSWORD_MIN, "maxlength": PASSWORD_MAX},
    )


class SignInForm(Form):
    """Coming in with a password."""

    email = _email(_l("E-mail"))
    password = PasswordField(
        _l("Password"),
        validators=[InputRequired(_l("Type your password.")), Length(max=1000)],
        render_kw={"autocomplete": "current-password"},
    )
    remember = BooleanField(_l("Stay signed in on this device"))
    next = HiddenField()


class SignUpForm(Form):
    """Opening an account."""

    name = _person_name()
    email = _email(_l("E-mail"))
    phone = _phone()
    password = _new_password(_l("Password"))
    next = HiddenField()


class EmailForm(Form):
    """An address to which a link is sent."""

    email = _email(_l("E-mail"))
    next = HiddenField()


class NewPasswordForm(Form):
    """A new password, by link."""

    password = _new_password(_l("New password"))
    links_too = BooleanField(_l("Also end the links by which my calendar programs read"))


class ProfileForm(Form):
    """What others read of a person, and the language of pages and e-mails."""

    name = _person_name()
    phone = _phone()
    locale = SelectField(
        _l("Language of pages and e-mails"), choices=list(LANGUAGES.items()), validators=[InputRequired()]
    )


class PasswordForm(Form):
    """Changing one's password (its names have a prefix: the page has other forms)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": "password-", **kwargs})

    present = _present_password()
    password = _new_password(_l("New password"))


class EmailChangeForm(Form):
    """Changing one's address (its names have a prefix: the page has other forms)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": "change-", **kwargs})

    email = _email(_l("New e-mail address"))
    present = _present_password()


class TokenForm(Form):
    """Naming a personal token."""

    name = StringField(
        _l("What is it for?"),
        validators=[*_required(_l("Give it a name, to know later which one to revoke.")), Length(max=160)],
        description=_l("For instance: spreadsheet of the food bank."),
    )


class OrganisationForm(Form):
    """What is said of an organisation; the choices on law and priority are taken out for who may not make them."""

    territory = SelectField(_l("Territory"), coerce=int, validators=[InputRequired()])
    name = StringField(
        _l("Name of the organisation"),
        validators=[*_required(_l("Type the name of the organisation.")), Length(max=160)],
        render_kw={"autocomplete": "organization"},
    )
    kind = SelectField(
        _l("Kind of organisation"),
        choices=[(kind, KINDS[kind]) for kind in ORGANISATION_KINDS],
        validators=[InputRequired()],
    )
    legal_nature = RadioField(
        _l("Legal nature"),
        choices=list(NATURES.items()),
        validators=_required(_l("Choose one: prices and payments depend on it.")),
        description=_l("Prices and payments depend on it."),
    )
    priority_class = SelectField(
        _l("Priority class"),
        choices=[(each, PRIORITIES[each]) for each in PRIORITY_CLASSES],
        validators=[InputRequired()],
    )
    commune = StringField(
        _l("Commune"),
        validators=[Optional(), Length(max=80)],
        description=_l("Name or postcode."),
    )
    contact_name = StringField(_l("Person to contact"), validators=[Optional(), Length(max=160)])
    email = EmailField(_l("E-mail of the organisation"), validators=[Optional(), Length(max=254)])
    phone = TelField(
        _l("Phone of the organisation"),
        validators=[Optional(), Length(max=30)],
        render_kw={"inputmode": "tel"},
    )

    def show(self, organisation: Organisation) -> None:
        """Fill the form with what is known."""
        self.process(obj=organisation, commune=commune_label(organisation.commune_code))

    def without(self, *names: str) -> None:
        """Take fields out that this person may not set."""
        for name in names:
            if name in self:
                del self[name]

    def facts(self, law: Organisation | None = None) -> OrganisationFacts:
        """Give what was typed; kind and nature come from `law` when they were taken out. Raise UnknownCommune."""
        return OrganisationFacts(
            name=self.name.data or "",
            kind=law.kind if law and "kind" not in self else self.kind.data,
            legal_nature=law.legal_nature if law and "legal_nature" not in self else self.legal_nature.data,
            commune_code=commune_code(self.commune.data or ""),
            contact_name=self.contact_name.data or "",
            email=self.email.data or "",
            phone=self.phone.data or "",
        )


class JoinForm(Form):
    """Asking to join an organisation."""

    message = TextAreaField(
        _l("Your message"),
        validators=[Optional(), Length(max=2000)],
        description=_l("Say who you are and what you do there: the answer comes faster."),
        render_kw={"rows": 3},
    )


class InviteForm(Form):
    """Inviting somebody to an organisation."""

    email = _email(_l("E-mail of the person"))
    role = SelectField(_l("Role"), validators=[InputRequired()])


class JoinByInvitationForm(Form):
    """Opening an account from an invitation: the address is known and proved already."""

    name = _person_name()
    phone = _phone()
    password = _new_password(_l("Choose a password"))


class RefuseForm(Form):
    """Refusing, with a reason."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[
            *_required(_l("Give a reason: the other side reads it and knows what to do.")),
            Length(max=2000),
        ],
        render_kw={"rows": 3},
    )


class ArchiveForm(Form):
    """Archiving an organisation."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[
            *_required(_l("Give a reason: members and places read it.")),
            Length(max=2000),
        ],
        description=_l("The members read it, and so do the places whose bookings are cancelled."),
        render_kw={"rows": 3},
    )
    seen = HiddenField()


class AuthorisationForm(Form):
    """That an organisation is authorised for food aid."""

    level = RadioField(
        _l("Who authorises it"), choices=list(LEVELS.items()), validators=_required(_l("Choose one."))
    )
    reference = StringField(
        _l("Number or date of the decision"),
        validators=[Length(max=160)],
        description=_l("As it stands on the decision or on the published list."),
        render_kw={"autocomplete": "off"},
    )
    network = StringField(
        _l("Name of the network"),
        validators=[Length(max=160)],
        description=_l("Only where it is the network that is authorised."),
        render_kw={"autocomplete": "off"},
    )
    valid_from = DateField(_l("First day"), validators=[InputRequired(_l("Choose the first day."))])
    valid_until = DateField(_l("Last day"), validators=[InputRequired(_l("Choose the last day."))])

    def validate_reference(self, _field: StringField) -> None:
        """Ask for what is looked up, as soon as it is known which that is; that of a network is its name."""
        if self.level.data and self.level.data != Level.NETWORK:
            with told_here():
                check_named(self.level.data, self.reference.data or "", "")

    def validate_network(self, field: StringField) -> None:
        """Ask for the name of a network."""
        if self.level.data == Level.NETWORK:
            with told_here():
                check_named(self.level.data, "", field.data or "")

    def validate_valid_until(self, field: DateField) -> None:
        """Refuse days that cannot be."""
        if self.valid_from.data and field.data:
            with told_here():
                check_days(self.valid_from.data, field.data)

    def facts(self) -> AuthorisationFacts:
        """Give what was typed."""
        first, last = (
            self.valid_from.data or date.min,
            self.valid_until.data or date.min,
        )  # both are asked for
        return AuthorisationFacts(
            self.level.data,
            first,
            last,
            self.reference.data or "",
            self.network.data or "",
        )


class CoordinatorForm(Form):
    """Naming a coordinator."""

    email = _email(_l("E-mail of the person"))
    territory = SelectField(_l("Territory"), coerce=int, validators=[InputRequired()])


class EraseForm(Form):
    """Erasing one's own account; `erase_form` adds a choice for every organisation with bookings to come."""

    messages_too = BooleanField(
        _l("Also erase what I wrote in conversations"),
        description=_l("The other side will no longer read it: arrangements about keys, quantities, hours."),
    )
    present = _present_password()
    seen = HiddenField()

    def show_again(self, standing: Standing) -> None:
        """Have what stands now confirmed, rather than what stood when the page was opened."""
        self.seen.data = standing.fingerprint

    def farewell(self, reason: str) -> Farewell:
        """Give what was chosen; `reason` is what the places read when bookings are cancelled."""
        chosen = {field.name: field.data for field in self if field.name.startswith(HEIR)}
        heirs = {
            int(name.removeprefix(HEIR)): None if data == NOBODY else int(data)
            for name, data in chosen.items()
        }
        return Farewell(self.seen.data or "", reason, heirs, bool(self.messages_too.data))


def erase_form(standing: Standing, *, has_password: bool, now: datetime) -> EraseForm:
    """Make the form that fits a standing."""
    fields = {
        f"{HEIR}{tie.organisation_id}": _heir(tie, may_cancel=not under_way(pledges, now))
        for tie, pledges in standing.promised
        if tie.heirs
    }
    form: EraseForm = type("ErasingForm", (EraseForm,), fields)()
    if not has_password:
        del form["present"]
    if request.method == "GET":
        form.show_again(standing)
    return form


def _heir(tie: Tie, *, may_cancel: bool) -> SelectField:
    names = [
        (str(each.person_id), each.name or _l("An administrator of the organisation")) for each in tie.heirs
    ]
    return SelectField(
        _l("Who looks after them from now on?"),
        choices=[
            ("", _l("Choose…")),
            *names,
            *([(NOBODY, _l("Nobody: cancel these bookings"))] if may_cancel else []),
        ],
        validators=[
            InputRequired(_l("Say who looks after these bookings, or that they are to be cancelled."))
        ],
    )
