"""The form by which a manager says in which smaller units a resource may be asked for."""

from typing import Any

from wtforms import HiddenField, IntegerField
from wtforms.validators import NumberRange, Optional

from app.catalogue.kinds.units import PACKS, Unit
from app.catalogue.kinds.words import unit_name
from app.catalogue.models import Resource
from app.catalogue.packs import MOST_PER_UNIT
from app.web.forms import Form, _l

_MOST = _l("Enter a whole number from 1 to %(max)s.", max=MOST_PER_UNIT)


class PacksForm(Form):
    """How many of each smaller unit fill one; `packs_form` adds a field per unit."""

    names: tuple[str, ...] = ()
    revision = HiddenField()

    def packs(self) -> dict[str, int]:
        """Give how many of which unit, without those left empty."""
        return {name: int(self[name].data) for name in self.names if self[name].data}


def packs_form(resource: Resource, *, fresh: bool = False) -> PacksForm:
    """Give the form, filled with what is typed (not when `fresh`), else with what is known."""
    offered = [] if resource.unit == Unit.WHOLE else [unit for unit in PACKS if unit != resource.unit]
    fields: dict[str, Any] = {str(unit): _field(unit) for unit in offered}
    shape = type("PacksOfOneForm", (PacksForm,), fields | {"names": tuple(fields)})
    typed = {"formdata": None} if fresh else {}
    filled = {name: resource.packs.get(name) for name in fields}
    form: PacksForm = shape(data=filled | {"revision": resource.revision}, prefix="packs-", **typed)
    return form


def _field(unit: Unit) -> IntegerField:
    return IntegerField(
        unit_name(unit),
        validators=[Optional(), NumberRange(1, MOST_PER_UNIT, _MOST)],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
