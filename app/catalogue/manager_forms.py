"""The shape of what is typed about the managers of a site: who, and which functions they hold."""

from wtforms import EmailField, SelectMultipleField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.catalogue.words import FUNCTIONS
from app.web.forms import Form, _l


def functions_field() -> SelectMultipleField:
    """Make the field by which the functions of a manager are ticked."""
    return SelectMultipleField(
        _l("Functions"),
        choices=list(FUNCTIONS.items()),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("Needed where two people have to agree: each brings one function."),
    )


class FunctionsForm(Form):
    """Which functions a manager of a site holds."""

    functions = functions_field()


class ManagerForm(Form):
    """Who should manage a site."""

    email = EmailField(
        _l("E-mail of the person"),
        validators=[DataRequired(_l("Type an e-mail address.")), Length(max=254)],
        description=_l("Whoever is not a member of the owner yet receives an invitation first."),
    )
    functions = functions_field()
