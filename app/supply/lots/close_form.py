"""What is typed to close an incident: in front of a cold room, on a telephone."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from wtforms import BooleanField, RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from app.supply.cargo_words import kilos
from app.supply.lots.fields import DegreesField
from app.supply.lots.models import Incident, Lot
from app.supply.lots.queries import find_cold_reading, lots_at_stake, stakes_of
from app.supply.lots.rules import LONGEST_TEXT, Outcome
from app.supply.lots.service import Closing
from app.supply.lots.words import OUTCOMES
from app.web.forms import Form, _l


class CloseForm(Form):
    """What was done about an incident; of a place that nobody has found cold again how warm it is now."""

    temperature = DegreesField(
        _l("What the thermometer shows now"),
        description=_l("An incident is closed once the place is in range again."),
        render_kw={"autocomplete": "off"},
    )
    why_unmeasured = TextAreaField(
        _l("No reading in range? Say why"),
        validators=[Length(max=LONGEST_TEXT)],
        description=_l("For instance: switched off and emptied, repaired on Monday."),
        render_kw={"rows": 2},
    )
    measures = TextAreaField(
        _l("What was done"),
        validators=[DataRequired(_l("Say in a sentence what was done.")), Length(max=LONGEST_TEXT)],
        description=_l("For instance: compressor repaired at 10:40, core temperature 2,8 °C, cheese kept."),
        render_kw={"rows": 3},
    )
    is_sure = BooleanField(
        _l("What is destroyed does not come back: I have looked at it"),
        description=_l("Only where something is destroyed."),
    )

    def outcomes(self) -> list[RadioField]:
        """List the fields of the lots."""
        return [each for each in self if isinstance(each, RadioField)]

    def validate_is_sure(self, field: BooleanField) -> None:
        """Ask for the tick where something is destroyed: nobody does that by mistake."""
        if not field.data and any(each.data == Outcome.DESTROYED for each in self.outcomes()):
            raise ValidationError(_l("Tick the box: what is destroyed does not come back."))

    def closing(self, lots: Sequence[Lot]) -> Closing:
        """Give what was typed."""
        said = {lot.id: Outcome(self[f"outcome_{lot.public_id}"].data) for lot in lots}
        measures = self.measures.data or ""
        if "temperature" not in self:
            return Closing(measures, said)
        return Closing(measures, said, self.temperature.tenths, self.why_unmeasured.data or "")


def close_form(incident: Incident, **given: Any) -> tuple[CloseForm, Sequence[Lot]]:
    """Make the form with which an incident is closed, and give the lots of which it asks what becomes of them.

    It asks for no more than has to be said: nothing about lots where none is left, nor how warm a place is where
    that was read a moment ago.
    """
    lots = lots_at_stake(incident.id)
    stakes = stakes_of(incident)
    fields = {f"outcome_{lot.public_id}": _outcome_of(lot, stakes.get(lot.id, lot.grams)) for lot in lots}
    form: CloseForm = type("LotsCloseForm", (CloseForm,), fields)(**given)
    if incident.resource is None or find_cold_reading(incident) is not None:
        del form.temperature, form.why_unmeasured
    if not lots:
        del form.is_sure
    return form, lots


def _outcome_of(lot: Lot, grams: int) -> RadioField:
    return RadioField(
        _(
            "%(product)s, %(kilos)s (lot %(ref)s)",
            product=lot.product,
            kilos=kilos(grams),
            ref=lot.public_id,
        ),
        choices=list(OUTCOMES.items()),
        validators=[InputRequired(_l("Say what becomes of this lot."))],
    )
