"""The shape of what people choose about their calendar links."""

from typing import Any

from wtforms import RadioField
from wtforms.validators import InputRequired

from app.calendars.audiences import Audience, choices
from app.web.forms import Form, _l

_LABELS = {
    Audience.MANAGER: _l("For those who manage: organisation, purpose, quantity, state"),
    Audience.MEMBER: _l("As members see it: organisation and purpose only where they may know"),
    Audience.PUBLIC: _l("“Busy” only: fit for a public page or the wall of the hall"),
    Audience.OWN: _l("Everything about these bookings"),
}


class LinkForm(Form):
    """How much a new link may tell, at most."""

    audience = RadioField(_l("What this link tells"), validators=[InputRequired()])

    def __init__(self, best: Audience, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.audience.choices = [(audience.value, _LABELS[audience]) for audience in choices(best)]
        if self.audience.data is None:
            self.audience.data = best.value
