"""The shape of what people type about several resources: whether they follow one another, when it is handed over."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from wtforms import BooleanField, SelectField
from wtforms.validators import Length, ValidationError

from app.availability.asking import read_day
from app.bookings.forms import DayField, WhyFields
from app.core.span import from_wall
from app.web.forms import Form, _l, time_choices, wall_of


class HandoverFields(Form):
    """When what comes of several resources is handed over; both may stay empty."""

    remise_jour = DayField(_l("Day of the hand-over"), validators=[Length(max=40)])
    remise_heure = SelectField(_l("At what time"), choices=[("", "–"), *time_choices(30)[:-1]], default="")

    def validate_remise_jour(self, field: DayField) -> None:
        """Refuse what is no day, and a time without one."""
        if field.data and read_day(str(field.data)) is None:
            raise ValidationError(_("This is not a day. Write it like 06/10/2026."))
        if self.remise_heure.data and not field.data:
            raise ValidationError(_("Say on which day, or leave the time out."))

    def validate_remise_heure(self, field: SelectField) -> None:
        """Refuse a day without a time."""
        if self.remise_jour.data and not field.data:
            raise ValidationError(_("Say at what time, or leave the day out."))

    def read_handover(self, zone: ZoneInfo) -> datetime | None:
        """Read the instant from fields that are valid; None where they are empty. Raise NonexistentTime."""
        day = read_day(str(self.remise_jour.data or ""))
        return from_wall(wall_of(day, self.remise_heure.data), zone) if day else None


class HandoverForm(HandoverFields):
    """Another moment for the hand-over of a request that is sent."""


class BundleForm(HandoverFields, WhyFields):
    """Asking for several resources: each has slot fields of its own beside it (app.bookings.views.bundle_ask)."""

    se_suivent = BooleanField(
        _l("The elements follow one another"),
        description=_l(
            "In the order of this list, each begins once the one before it is over: fetch, keep cold, cook. "
            "What is lent by days may begin and end at any time of its first and last day."
        ),
    )
