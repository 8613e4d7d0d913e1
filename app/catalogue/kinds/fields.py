"""Form fields made from the facts of a kind: for editing a resource, and for narrowing a search.

class ResourceForm(fact_form(get_kind("kitchen")), Form): ...

form = ResourceForm(data={**fact_form_data(kind, resource.facts)})
facts, errors = read_facts(form, kind)      # errors are attached to their fields too
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import (
    BooleanField,
    DateField,
    Field,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import (
    Form as PlainForm,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from app.catalogue.kinds import Fact, FactType, JsonValue, Kind
from app.catalogue.kinds.schema import LONGEST_TEXT
from app.catalogue.kinds.words import fact_sentence, label, suffix
from app.web.numbers import read_number, typed_number

PREFIX = "fact_"  # facts live beside the resource's own fields in one form
SHORT_TEXT = 120


class NumberField(Field):
    """A number typed as people write it: "3,5", "3.5" or "1 200"; kept exact. `data` is None when empty."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = "".join(valuelist[:1]).strip()
        self.data = None
        if typed:
            self.data = self._read(typed)

    def _read(self, typed: str) -> Decimal:
        number = read_number(typed)
        if number is None:
            raise ValueError(_("Enter a number, like 12 or 3.5."))
        return number

    def _write(self) -> str:
        return typed_number(self.data)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self._write()


class EuroField(NumberField):
    """An amount typed in euros, kept in whole cents."""

    def _read(self, typed: str) -> Decimal:
        cents = super()._read(typed) * 100
        if cents != cents.to_integral_value():
            raise ValueError(_("Enter an amount with at most two decimals, like 12.50."))
        return cents.to_integral_value()

    def _write(self) -> str:
        return typed_number(Decimal(self.data) / 100, decimals=2)


class CheckboxesField(SelectMultipleField):
    """Several choices as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


# -- editing ------------------------------------------------------------------------------------------------


def _text(text: str) -> Any:
    """A label that is translated when it is shown."""
    return lazy_gettext(text) if text else ""


def _choices(fact: Fact) -> list[tuple[str, str]]:
    return [(choice.key, label(choice.label)) for choice in fact.choices]


def _number_field(fact: Fact, common: dict[str, Any]) -> Field:
    wide = fact.type is not FactType.INTEGER
    common["render_kw"] = {"inputmode": "decimal" if wide or (fact.min or 0) < 0 else "numeric"}
    return EuroField(**common) if fact.type is FactType.MONEY else NumberField(**common)


def _edit_field(fact: Fact) -> Any:
    """One field for a fact, with its label, help, unit and bounds."""
    common: dict[str, Any] = {"label": _text(fact.label), "description": _text(fact.help)}
    if fact.type is FactType.BOOLEAN:
        return BooleanField(**common)
    if fact.type is FactType.CHOICES:
        return CheckboxesField(choices=lambda: _choices(fact), **common)
    common["validators"] = [InputRequired()] if fact.required else [Optional()]
    if fact.is_number:
        return _number_field(fact, common)
    if fact.type is FactType.CHOICE:
        return SelectField(choices=lambda: [("", "—"), *_choices(fact)], **common)
    if fact.type is FactType.DATE:
        return DateField(**common)
    longest = int(fact.max or LONGEST_TEXT)
    common["validators"].append(Length(max=longest))
    common["render_kw"] = {"maxlength": longest}
    return StringField(**common) if longest <= SHORT_TEXT else TextAreaField(**common)


@lru_cache(maxsize=32)
def fact_form(kind: Kind) -> type[PlainForm]:
    """A form mixin with one field per fact of the kind, named `fact_<key>`, in order."""
    fields = {PREFIX + fact.key: _edit_field(fact) for fact in kind.facts}
    return type(f"{kind.key.title()}Facts", (PlainForm,), fields)


AnyForm = TypeVar("AnyForm", bound=PlainForm)


@lru_cache(maxsize=64)
def with_facts(base: type[AnyForm], kind: Kind) -> type[AnyForm]:
    """A form class of a room, with the facts of the kind after its own fields."""
    return type(f"{kind.key.title()}{base.__name__}", (base, fact_form(kind)), {})


def fact_form_data(facts: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """Kept facts as the form's data (`data=`), so that it shows what is known."""
    dates = {fact.key for fact in kind.facts if fact.type is FactType.DATE}
    return {
        PREFIX + key: date.fromisoformat(value) if key in dates else value
        for key, value in facts.items()
        if kind.find_fact(key)
    }


def fact_groups(
    form: PlainForm, kind: Kind, *, but: Collection[str] = ()
) -> Iterator[tuple[str, list[tuple[Field, str]]]]:
    """The form's fact fields under their headings, each with its unit, `but` some: for the template."""
    for group in kind.groups:
        facts = [fact for fact in group.facts if fact.key not in but]
        yield label(group.label), [(form[PREFIX + fact.key], suffix(fact.unit)) for fact in facts]


def read_facts(form: PlainForm, kind: Kind) -> tuple[dict[str, JsonValue], bool]:
    """The facts of a submitted, validated form; False and sentences on the fields where one is refused."""
    raw = {fact.key: form[PREFIX + fact.key].data for fact in kind.facts}
    facts, errors = kind.parse(raw)
    for key, error in errors.items():
        field = form[PREFIX + key]
        if not field.errors:
            field.errors = [fact_sentence(error)]
    return facts, not errors


# -- narrowing a search -------------------------------------------------------------------------------------


def _filter_field(fact: Fact) -> Any:
    common: dict[str, Any] = {"label": _text(fact.filter_label or fact.label), "validators": [Optional()]}
    if fact.choices:
        return SelectField(choices=lambda: [("", _("Any")), *_choices(fact)], **common)
    if fact.type is FactType.BOOLEAN:
        return BooleanField(**common)
    return _number_field(fact, common)


def filter_fields(kind: Kind) -> dict[str, Any]:
    """Fields of the search form for a kind, by fact key (unbound WTForms fields, all optional)."""
    return {fact.key: _filter_field(fact) for fact in kind.filters}


@lru_cache(maxsize=32)
def filter_form(kind: Kind) -> type[PlainForm]:
    """A form mixin with the search fields of the kind; its `data` goes to `Kind.read_filters`."""
    return type(f"{kind.key.title()}Filters", (PlainForm,), filter_fields(kind))
