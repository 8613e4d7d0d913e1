"""The form of a correction that would undo another one: what was typed stays, what holds now is told beside it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from flask_babel import gettext as _
from wtforms import BooleanField, HiddenField

from app.accounts.words import doer_words
from app.bookings.words.pieces import moment
from app.supply.edits import ChangedMeanwhile
from app.web.forms import Form, OnceForm, typed_words
from app.web.words import Facts, explain, worded

_PLACE: Final = ("where", "place", "commune")
FIELDS: Final[
    Mapping[str, Sequence[str]]
] = {  # in which fields a column is typed, where they have other names
    "grams": ("amount",),
    "price_cents": ("price",),
    "commune_code": _PLACE,
    "lat": _PLACE,
    "lon": _PLACE,
    "place": _PLACE,
    "start_at": ("day", "start"),
    "end_at": ("day", "end"),
    "from_at": ("from_day", "from_time"),
    "until_at": ("until_day", "until_time"),
    "deadline_at": ("deadline_day", "deadline_time"),
    "booking_id": ("packing",),
    "origin_id": ("origin_of",),
    "receiver_id": ("to",),
    "tenths": ("temperature",),
    "at": ("day", "time"),
}


class SeenForm(Form):
    """A form about something that can be corrected: it knows the last correction before it was opened."""

    vu = HiddenField()

    @property
    def seen(self) -> int | None:
        """Give the number of the last correction that its reader saw; None where nothing is corrected."""
        typed = str(self.vu.data or "")
        return int(typed) if typed.isdecimal() and len(typed) < 16 else None


class EditForm(SeenForm, OnceForm):
    """A form by which something is made, or corrected: what was corrected meanwhile is not silently undone."""

    def refuse_undoing(self, error: ChangedMeanwhile, now: "EditForm") -> None:
        """Say what changed meanwhile, at each field that says something else than what holds `now`; it is seen then."""
        self.refuse("", explain(error))
        for name in _fields_of(error.facts["names"]):
            words = typed_words(now[name])
            if isinstance(now[name], BooleanField) and now[name].data != self[name].data:
                self.refuse(name, _("It is ticked now.") if now[name].data else _("It is no longer ticked."))
            elif words != typed_words(self[name]):
                self.refuse(name, _("It now says: %(what)s", what=words) if words else _("It is empty now."))
        self.vu.data = now.vu.data


def _fields_of(columns: Collection[str]) -> list[str]:
    return list(dict.fromkeys(field for name in columns for field in FIELDS.get(name, (name,))))


@worded("changed_meanwhile")
def _changed_meanwhile(facts: Facts) -> str:
    return _(
        "Nothing was saved: since you opened this form it was changed, by %(who)s, %(moment)s. What you typed is still "
        "here; beside it stands what holds now. Correct it where it has to be, then save again.",
        who=doer_words(facts["by"], is_own=facts["is_own"]),
        moment=moment(facts["at"], facts["timezone"]),
    )
