"""The shape of what a public body types: a period, a day, numbers of orders."""

from datetime import date
from typing import Any

from wtforms import BooleanField, DateField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from app.web.forms import Form, _l

_FIRST, _LAST = date(2020, 1, 1), date(2099, 12, 31)


def _within(_form: Any, field: Any) -> None:
    """Refuse days that no book of ours is about."""
    if field.data and not _FIRST <= field.data <= _LAST:
        raise ValidationError(_l("Choose a day since 2020."))


class BatchForm(Form):
    """Making a batch."""

    starts_on = DateField(_l("Charged from"), validators=[InputRequired(_l("Choose a day.")), _within])
    ends_on = DateField(_l("Up to"), validators=[InputRequired(_l("Choose a day.")), _within])

    leaves_announced = BooleanField(
        _l("Leave out what is announced"),
        description=_l(
            "A payment is on its way for it: it would be asked for twice. It can go into the next batch."
        ),
    )


class SentForm(Form):
    """Saying when a batch was sent."""

    sent_on = DateField(
        _l("Sent to the accountant on"), validators=[InputRequired(_l("Choose a day.")), _within]
    )


class WithdrawForm(Form):
    """Withdrawing a batch that was made by mistake."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[DataRequired(_l("Say why it is withdrawn: it stays in the history.")), Length(max=500)],
        render_kw={"rows": 2},
    )


__all__ = ["BatchForm", "SentForm", "WithdrawForm"]
