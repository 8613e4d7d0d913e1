"""Windows of priority: how far ahead, and with what notice, each class of organisations may ask for a resource.

Kept on the resource as `{"P4": {"horizon_days": 14, "notice_minutes": 2880}}`; what a class does not say is that of
the resource. The form has two lengths for each class, empty where the class is as everybody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask_babel import gettext as _
from wtforms import Field

from app.accounts.rules import PRIORITY_CLASSES
from app.accounts.words import PRIORITIES
from app.catalogue.lengths import LengthField
from app.catalogue.rules import MAX_HORIZON_DAYS, MAX_NOTICE, MINUTES_PER_DAY, Windows
from app.web.format import duration
from app.web.forms import Form, _l

_PARTS: Mapping[str, int] = {
    "horizon_days": MINUTES_PER_DAY,
    "notice_minutes": 1,
}  # and what one of it is in minutes


@cache
def windows_form() -> type[Form]:
    """Give a form with the two lengths of every class; a form of a resource inherits from it."""
    fields: dict[str, Any] = {}
    for priority in PRIORITY_CLASSES:
        fields[_name("horizon_days", priority)] = LengthField(
            _l("Ask at most … before"),
            units=("days", "weeks"),
            least=MINUTES_PER_DAY,
            most=MAX_HORIZON_DAYS * MINUTES_PER_DAY,
            optional=True,
        )
        fields[_name("notice_minutes", priority)] = LengthField(
            _l("Ask at least … before"), units=("hours", "days"), most=MAX_NOTICE, optional=True
        )
    return type("WindowsForm", (Form,), fields)


@dataclass(frozen=True)
class WindowRow:
    """The two fields of a class in the form; `differs` where one of them is filled in or wrong."""

    name: str
    ahead: Field
    notice: Field

    @property
    def differs(self) -> bool:
        """Tell whether the row is worth being seen at once."""
        return any(field.data is not None or field.errors for field in (self.ahead, self.notice))


def window_rows(form: Form) -> list[WindowRow]:
    """List the rows of the form, one for each class."""
    return [
        WindowRow(
            str(PRIORITIES[each]), form[_name("horizon_days", each)], form[_name("notice_minutes", each)]
        )
        for each in PRIORITY_CLASSES
    ]


def read_windows(form: Form) -> Windows:
    """Read what was typed, of the classes that differ from everybody."""
    found = {}
    for priority in PRIORITY_CLASSES:
        typed = {part: form[_name(part, priority)].data for part in _PARTS}
        said = {part: minutes // _PARTS[part] for part, minutes in typed.items() if minutes is not None}
        if said:
            found[priority] = said
    return found


def windows_data(windows: Windows) -> dict[str, int]:
    """Fill the form with what is kept."""
    return {
        _name(part, priority): value * _PARTS[part]
        for priority, said in windows.items()
        for part, value in said.items()
    }


def windows_words(windows: Windows) -> Iterator[tuple[str, str]]:
    """Say for each class that differs when it may ask: (name of the class, "14 days to 48 h before")."""
    for priority, said in windows.items():
        ahead, notice = said.get("horizon_days"), said.get("notice_minutes")
        name = str(PRIORITIES[priority])
        if ahead is None:
            yield name, _("at least %(notice)s before", notice=duration(notice or 0))
        elif notice is None:
            yield name, _("up to %(length)s", length=duration(ahead * MINUTES_PER_DAY))
        else:
            length = duration(ahead * MINUTES_PER_DAY)
            yield (
                name,
                _("up to %(length)s, at least %(notice)s before", length=length, notice=duration(notice)),
            )


def _name(part: str, priority: str) -> str:
    return f"{part}_{priority.lower()}"
