"""The shape of what is typed about quotas: a number for each organisation that has one, and lines for new ones."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from wtforms import HiddenField, IntegerField, SelectField
from wtforms.validators import NumberRange, Optional

from app.accounts.models import Organisation
from app.availability.allotting import Allotment
from app.availability.sharing import DEFAULT_RECALL_HOURS, MAX_LEND_DAYS, MAX_RECALL_HOURS, Quotas
from app.web.forms import Form, _l

SHARE, NEW, NEW_QTY = "share_", "new_", "new_qty_"
NEW_LINES = 3
_NUMBER = {"inputmode": "numeric", "autocomplete": "off"}


class QuotasForm(Form):
    """How a capacity is shared; `quotas_form` adds a field per organisation that has a quota, and the new lines."""

    names: Sequence[str] = ()
    revision = HiddenField()
    lend_days = IntegerField(
        _l("Lent to others from so many days before"),
        validators=[
            Optional(),
            NumberRange(0, MAX_LEND_DAYS, _l("Enter a whole number from 0 to %(max)s.", max=MAX_LEND_DAYS)),
        ],
        description=_l("For times that near, others may borrow what is not used. Empty: never lent."),
        render_kw=_NUMBER,
    )
    recall_hours = IntegerField(
        _l("Called back with so many hours of notice"),
        default=DEFAULT_RECALL_HOURS,
        validators=[
            Optional(),
            NumberRange(
                1, MAX_RECALL_HOURS, _l("Enter a whole number from 1 to %(max)s.", max=MAX_RECALL_HOURS)
            ),
        ],
        description=_l("So long before, an organisation may have back what is lent of its quota."),
        render_kw=_NUMBER,
    )

    @property
    def new_lines(self) -> list[tuple[Any, Any]]:
        """Give the fields of each new line: the organisation, and how many."""
        return [(self[f"{NEW}{n}"], self[f"{NEW_QTY}{n}"]) for n in range(NEW_LINES)]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, then that every new line has both its halves, and no organisation two lines."""
        is_valid = super().validate(extra_validators)
        seen: set[str] = set()
        for who, number in self.new_lines:
            self._check_line(who, number, seen)
        return is_valid and not any(who.errors or number.errors for who, number in self.new_lines)

    def _check_line(self, who: Any, number: Any, seen: set[str]) -> None:
        if who.data and who.data in seen:
            self.refuse(who.name, _("This organisation has a line above: give it one number only."))
        elif who.data and not number.data and not number.errors:
            self.refuse(number.name, _("Give a number above 0 for this organisation, or choose none."))
        elif number.data and not who.data:
            self.refuse(who.name, _("Choose the organisation that this number is for, or leave it empty."))
        seen.add(who.data)

    def allotment(self) -> Allotment:
        """Give what was typed and has passed `validate`."""
        shares = {name.removeprefix(SHARE): self[name].data or 0 for name in self.names}
        shares |= {who.data: number.data for who, number in self.new_lines if who.data and number.data}
        hours = self.recall_hours.data
        return Allotment(shares, self.lend_days.data, DEFAULT_RECALL_HOURS if hours is None else hours)


def quotas_form(
    organisations: Sequence[Organisation], quotas: Quotas | None, capacity: int, revision: int
) -> QuotasForm:
    """Make the form for the organisations of a territory, filled with what is typed, else with what is known."""
    known = quotas.shares if quotas else {}
    having = {SHARE + each.public_id: each for each in organisations if each.id in known}
    others = [("", "–"), *((each.public_id, each.name) for each in organisations if each.id not in known)]
    fields: dict[str, Any] = {name: _number(each.name, capacity) for name, each in having.items()}
    for line in range(NEW_LINES):
        fields[f"{NEW}{line}"] = SelectField(_l("Organisation"), choices=others, default="")
        fields[f"{NEW_QTY}{line}"] = _number(_l("Quota"), capacity)
    shape = type("QuotasOfOneForm", (QuotasForm,), fields | {"names": tuple(having)})
    filled: dict[str, Any] = {name: known[each.id] for name, each in having.items()} | _lending(quotas)
    form: QuotasForm = shape(data=filled | {"revision": revision})
    return form


def _lending(quotas: Quotas | None) -> dict[str, Any]:
    if quotas is None:
        return {}
    return {"lend_days": quotas.lend_days, "recall_hours": quotas.recall_hours}


def _number(label: Any, capacity: int) -> IntegerField:
    most = NumberRange(0, capacity, _l("Enter a whole number from 0 to %(max)s.", max=capacity))
    return IntegerField(label, validators=[Optional(), most], render_kw=_NUMBER)
