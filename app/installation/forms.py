"""The shape of what is typed during the first run."""

from wtforms import EmailField, PasswordField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from app.accounts.rules import PASSWORD_MAX, PASSWORD_MIN
from app.catalogue.kinds.fields import CheckboxesField
from app.installation.words import HUES
from app.web.forms import Form, _l


class CodeForm(Form):
    """The code that the server showed."""

    code = StringField(
        _l("Code of this installation"),
        validators=[
            DataRequired(_l("Type the code that the server showed when it started.")),
            Length(max=80),
        ],
        description=_l("Sixteen letters and figures; case and hyphens do not matter."),
        render_kw={"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "characters"},
    )


class AdministratorForm(Form):
    """The account that runs the platform."""

    name = StringField(
        _l("First and last name"),
        validators=[DataRequired(_l("Type your name: others will read it.")), Length(max=160)],
        render_kw={"autocomplete": "name"},
    )
    email = EmailField(
        _l("E-mail"),
        validators=[DataRequired(_l("Type an e-mail address.")), Length(max=254)],
        render_kw={"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"},
    )
    password = PasswordField(
        _l("Password"),
        validators=[InputRequired(_l("Choose a password.")), Length(max=1000)],
        description=_l("At least 10 characters. Three or four words that only you put together are perfect."),
        render_kw={"autocomplete": "new-password", "minlength": PASSWORD_MIN, "maxlength": PASSWORD_MAX},
    )


class TerritoryForm(Form):
    """Where the territory lies, its name and its colour."""

    name = StringField(
        _l("Name of the territory"),
        validators=[DataRequired(_l("Type the name of the territory.")), Length(max=160)],
        description=_l("As people call it: “Food project of Erdre and Gesvres”."),
    )
    places = TextAreaField(
        _l("Communes or intercommunalities"),
        validators=[DataRequired(_l("Type at least one commune or intercommunality.")), Length(max=4000)],
        description=_l("One a line. An intercommunality brings all its communes."),
        render_kw={"rows": 3, "autocomplete": "off"},
    )
    hue = RadioField(
        _l("Colour of the pages"),
        choices=list(HUES.items()),
        default="garden",
        validators=[InputRequired(_l("Choose a colour."))],
    )

    def lines(self) -> list[str]:
        """Give the places as typed."""
        return [line for line in (self.places.data or "").splitlines() if line.strip()]


class KindsForm(Form):
    """What the territory shares."""

    kinds = CheckboxesField(
        _l("What is shared here"),
        validators=[InputRequired(_l("Tick at least one kind."))],
        description=_l("Offered when searching and when adding a resource. What is there already stays."),
    )


class DemoForm(Form):
    """Whether to put the demo beside."""

    demo = RadioField(
        _l("A demonstration to look round?"),
        choices=[
            ("no", _l("No, start with empty pages")),
            ("yes", _l("Yes, an invented territory beside mine, which I can erase later")),
        ],
        default="no",
        validators=[InputRequired(_l("Choose one."))],
    )
