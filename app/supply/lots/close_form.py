"""What is typed to close an incident: in front of a cold room, on a telephone."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from wtforms import BooleanField, RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from app.supply.cargo_words import kilos
from app.supply.edit_words import SeenForm
from app.supply.lots.fields import DegreesField
from app.supply.lots.models import Incident, Lot
from app.supply.lots.queries import affected_by, find_cold_reading, lots_at_stake, stakes_of
from app.supply.lots.rules import LONGEST_TEXT, IncidentState, Outcome
from app.supply.lots.service import Closing
from app.supply.lots.words import OUTCOMES
from app.web.forms import _l


class CloseForm(SeenForm):
    """What was done about an incident; of a place that nobody has found cold again how warm it is now.

    It carries which corrections of what was measured its reader saw: what was too warm may not have been.
    """

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

    @property
    def is_measured(self) -> bool:
        """Tell whether a temperature was typed, or why there is none."""
        return bool((self.temperature.data or "").strip() or (self.why_unmeasured.data or "").strip())

    def closing(self, lots: Sequence[Lot]) -> Closing:
        """Give what was typed."""
        said = {lot.id: Outcome(self[f"outcome_{lot.public_id}"].data) for lot in lots}
        measures = self.measures.data or ""
        if "temperature" not in self:
            return Closing(measures, said, seen=self.seen)
        return Closing(measures, said, self.temperature.tenths, self.why_unmeasured.data or "", self.seen)

    def show_corrected(self, incident: Incident) -> None:
        """Let its reader have seen what was corrected meanwhile, and look again at what is to be destroyed."""
        self.vu.data = str(last_correction(incident))
        if "is_sure" in self:
            self.is_sure.data = False


def close_form(incident: Incident, **given: Any) -> tuple[CloseForm, Sequence[Lot]]:
    """Make the form with which an incident is closed, and give the lots of which it asks what becomes of them.

    It asks for no more than has to be said: nothing about lots where none is left, nor how warm a place is where
    that was read a moment ago and nothing was typed. Of a closed incident it has all that could have been typed.
    """
    is_open = incident.state == IncidentState.OPEN
    lots = lots_at_stake(incident.id) if is_open else affected_by(incident.id)
    stakes = stakes_of(incident)
    fields = {f"outcome_{lot.public_id}": _outcome_of(lot, stakes.get(lot.id, lot.grams)) for lot in lots}
    form: CloseForm = type("LotsCloseForm", (CloseForm,), fields)(vu=str(last_correction(incident)), **given)
    if incident.resource is None or (find_cold_reading(incident) is not None and not form.is_measured):
        del form.temperature, form.why_unmeasured
    if not lots:
        del form.is_sure
    return form, lots


def last_correction(incident: Incident) -> int:
    """Give the number of the last correction of what raised an incident; 0 where nothing was corrected."""
    return max((each.id for each in incident.corrections), default=0)


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
