"""What whoever asks confirms of a driver: a tick that says for how many years the licence has been held.

The tick carries the number that was shown, so that a requirement raised meanwhile is confirmed anew. No name and no
document is kept: only that it was confirmed, in the history of the booking.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import ngettext as _n
from wtforms import Field
from wtforms.widgets import CheckboxInput

from app.availability.shown import Shown
from app.catalogue.models import Resource
from app.catalogue.rules import licence_years
from app.web.forms import _l

FIELD = "licence_years"
_YEARS = re.compile(r"\d{1,2}", re.ASCII)


class LicenceField(Field):
    """A tick for the driver's licence; its data are the years that were confirmed, 0 without a tick."""

    widget: Any = CheckboxInput()
    data: int = 0
    years = 0  # that have to be confirmed; 0: there is nothing to tick

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label or _l("The driver's licence"), **kwargs)

    def ask(self, resource: Resource) -> None:
        """Ask what a resource requires of its driver."""
        self.years = years_of(resource)
        self.label.text = licence_words(self.years)

    @property
    def checked(self) -> bool:
        """Tell whether what is required now was confirmed."""
        return bool(self.data >= self.years)

    def process_data(self, value: Any) -> None:
        """Take what was confirmed before."""
        self.data = read_years(value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the tick; where a page has several, each for its vehicles, what confirms most."""
        self.data = max(map(read_years, valuelist), default=0)

    def _value(self) -> str:
        return str(self.years)


def years_of(resource: Resource | Shown) -> int:
    """Tell for how many years the driver must have held the licence; 0 where nobody requires any."""
    return licence_years(resource.kind, resource.facts)


def most_years(resources: Iterable[Resource | Shown]) -> int:
    """Tell what confirms enough for any of several resources to choose from."""
    return max(map(years_of, resources), default=0)


def read_years(typed: Any) -> int:
    """Read the years that were confirmed; 0 for what is no tick of ours."""
    text = str(typed or "")
    return int(text) if _YEARS.fullmatch(text) else 0


def tick_for(years: int, confirmed: int = 0) -> dict[str, Any] | None:
    """Give the tick of a form without fields of its own; None where nothing has to be confirmed."""
    return {"years": years, "words": licence_words(years), "checked": confirmed >= years} if years else None


def confirmed_in(form: Mapping[str, str]) -> int:
    """Read the tick of a form without fields of its own."""
    return read_years(form.get(FIELD))


def licence_words(years: int) -> str:
    """Say what is confirmed with the tick."""
    return _n(
        "Whoever drives has held their licence for at least %(num)s year",
        "Whoever drives has held their licence for at least %(num)s years",
        years,
    )
