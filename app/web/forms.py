"""The base of every form, and the fields that ours need beyond the usual ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from flask_babel import get_domain, gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    Field,
    FieldList,
    FileField,
    FormField,
    HiddenField,
    PasswordField,
    SelectField,
)
from wtforms.validators import StopValidation, ValidationError

from app.core import ids
from app.core.errors import DomainError
from app.core.text import writable
from app.web.format import day
from app.web.words import explain

_FAR = 10**15
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


class _Translations:
    def gettext(self, string: str) -> str:
        return gettext(string)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        raw: str = (
            get_domain().get_translations().ungettext(singular, plural, n)
        )  # WTForms fills the numbers in
        return raw


def as_writable(value: Any) -> Any:
    """Drop the letters that no database or file takes, wherever they were pasted from."""
    return writable(value) if isinstance(value, str) else value


def within_reach(value: Any) -> Any:
    """Bring a whole number of hundreds of digits down to one that can be compared; it stays far too large."""
    return max(-_FAR, min(value, _FAR)) if isinstance(value, int) else value


class Form(FlaskForm):
    """A form whose own messages are translated with the rest of the product."""

    class Meta(FlaskForm.Meta):
        def get_translations(
            self, _form: Any
        ) -> _Translations:  # WTForms' built-in words pass through our catalogue
            return _Translations()

        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
            if issubclass(unbound_field.field_class, FieldList | FormField):
                return unbound_field.bind(form=form, **options)
            filters = [*unbound_field.kwargs.get("filters", ()), as_writable, within_reach]
            return unbound_field.bind(form=form, **options, filters=filters)

    def refuse(self, field: str, sentence: str) -> None:
        """Attach a refusal that came from a service to the field it is about (or to the form)."""
        if field in self:
            self[field].errors = [*self[field].errors, sentence]
        else:
            self.form_errors.append(sentence)

    @property
    def all_errors(self) -> list[tuple[str | None, str]]:
        """Every error with the id of its field, for the summary on top of the form."""
        found: list[tuple[str | None, str]] = [(None, str(e)) for e in self.form_errors]
        for field in self:
            found += [(field.id, str(e)) for e in field.errors if isinstance(e, str) or hasattr(e, "__str__")]
        return found

    @property
    def typed(self) -> list[tuple[str, str]]:
        """List what was typed or chosen, by label: for the page that does not offer the form any more."""
        return [(str(field.label.text), words) for field in self if (words := typed_words(field))]


def typed_words(field: Field) -> str:
    """Write what a field holds as its reader sees it: the words of a choice; nothing of ticks, files, secrets."""
    if isinstance(field, HiddenField | BooleanField | FileField | PasswordField):
        return ""
    if isinstance(field, SelectField):
        return next((str(each[1]) for each in field.choices or () if str(each[0]) == str(field.data)), "")
    if isinstance(field, DateField) and field.data:
        return day(field.data, year=True)
    return "" if field.data is None else str(field.data)


@contextmanager
def told_here() -> Iterator[None]:
    """Let a rule that refuses say so at the field that is looked at, beside all else that is wrong with a form."""
    try:
        yield
    except DomainError as error:
        raise ValidationError(explain(error)) from error


class OnceForm(Form):
    """A form that counts once however often it is sent: a double click must not ask twice."""

    once = HiddenField(default=ids.new_secret)

    def refuse(self, field: str, sentence: str) -> None:
        """Attach a refusal; what was sent before and changed since is something else when it is sent again."""
        if field == "key":
            self.once.data = ids.new_secret()
        super().refuse(field, sentence)


class DayField(DateField):
    """A day of years that any clock reaches: beyond, an instant of it cannot be reckoned."""

    @property
    def is_near(self) -> bool:
        """Tell whether something can be reckoned with the day, if there is one."""
        return not self.data or _FIRST_YEAR <= self.data.year < _LAST_YEAR

    def pre_validate(self, _form: Any) -> None:
        """Refuse a day far off, before anything is reckoned with it."""
        if not self.is_near:
            raise StopValidation(_l("This day is too far away. Check the year."))


class TimeField(SelectField):
    """A time of day from the legal values only; a browser's own time field shows AM/PM in English."""

    def __init__(self, label: Any = None, step: int = 30, **kwargs: Any) -> None:
        super().__init__(label, choices=time_choices(step), **kwargs)


def time_choices(step: int, first: int = 0, last: int = 1440) -> list[tuple[str, str]]:
    """List the times of a day every `step` minutes from `first` to `last` (minutes; 1440 is shown as 24:00)."""
    return [(f"{m // 60:02d}:{m % 60:02d}",) * 2 for m in range(first, last + 1, min(step, 60))]


def wall_of(day: Any, time: str) -> datetime:
    """Join a date and a "HH:MM" into a naive wall time; 24:00 is midnight of the next day."""
    hours, minutes = (int(piece) for piece in time.split(":"))
    return datetime(day.year, day.month, day.day) + timedelta(hours=hours, minutes=minutes)  # noqa: DTZ001 (a wall time)


__all__ = [
    "DayField",
    "Form",
    "OnceForm",
    "TimeField",
    "_l",
    "time_choices",
    "told_here",
    "typed_words",
    "wall_of",
]
