"""The shape of what treasurers type about settlements: amounts that were shown, reasons."""

from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.web.forms import Form, _l


class UndoForm(Form):
    """Taking back what was set off."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[InputRequired(_l("Say why: the other reads it.")), Length(max=500)],
        render_kw={"rows": 2},
    )


class RefuseForm(Form):
    """Saying no to a proposal."""

    reason = TextAreaField(_l("Reason"), validators=[Optional(), Length(max=500)], render_kw={"rows": 2})


__all__ = ["RefuseForm", "UndoForm"]
