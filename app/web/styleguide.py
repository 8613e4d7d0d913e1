"""Every component on one page, to look at and to check automatically. Development and tests only."""

from typing import Any

from flask import Blueprint, Response
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from app.web.forms import Form, time_choices
from app.web.guards import public
from app.web.page import page

blueprint = Blueprint("styleguide", __name__, url_prefix="/dev/composants")

# Sample words, in French like the sample data of the page; they are no sentences of the product.
_WORDS = {
    "organisation": "Association",
    "kind": "Type",
    "commune": "Commune",
    "day": "Jour",
    "start": "Début",
    "end": "Fin",
    "quantity": "Quantité",
    "purpose": "Activité",
    "message": "Message",
    "rules": "J’ai lu le règlement",
    "tools": "Matériel",
}
_SOME = [("a", "Premier choix"), ("b", "Deuxième choix"), ("c", "Troisième choix")]


def _form() -> Form:
    words = _WORDS

    class Sample(Form):
        organisation = SelectField(words["organisation"], choices=_SOME)
        kind = RadioField(words["kind"], choices=_SOME, default="a")
        commune = StringField(words["commune"])
        day = DateField(words["day"])
        start = SelectField(words["start"], choices=time_choices(30))
        end = SelectField(words["end"], choices=time_choices(30))
        quantity = IntegerField(words["quantity"], default=1)
        purpose = StringField(words["purpose"])
        message = TextAreaField(words["message"])
        rules = BooleanField(words["rules"])
        tools = SelectMultipleField(
            words["tools"], choices=_SOME, widget=ListWidget(), option_widget=CheckboxInput()
        )

    sample: Any = Sample()
    sample.purpose.errors = ["Dites en quelques mots ce que vous préparez."]
    return sample


@blueprint.get("")
@public
def index() -> Response:
    """Show every component."""
    return page("styleguide.html", form=_form())
