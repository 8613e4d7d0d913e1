"""The form by which a manager says what a resource is made of: a number beside each neighbour at the same site."""

from collections.abc import Sequence
from typing import Any

from wtforms import HiddenField, IntegerField
from wtforms.validators import NumberRange, Optional

from app.catalogue.kinds.words import amount
from app.catalogue.models import Resource
from app.catalogue.queries import components_at, neighbours_of, wholes_of
from app.web.forms import Form, _l

PREFIX = "part_"


class PartsForm(Form):
    """How many of each neighbour one unit takes; `parts_form` adds a field per neighbour."""

    names: Sequence[str] = ()
    revision = HiddenField()

    def parts(self) -> dict[str, int]:
        """Give how many of which (public ids), without what is left empty or set to 0."""
        typed = {name.removeprefix(PREFIX): self[name].data for name in self.names}
        return {public_id: int(number) for public_id, number in typed.items() if number}


def parts_form(resource: Resource, *, fresh: bool = False) -> PartsForm:
    """Give the form, filled with what is typed (not when `fresh`), else with what is known."""
    neighbours, known = _offered(resource), _known(resource)
    fields: dict[str, Any] = {PREFIX + each.public_id: _field(each) for each in neighbours}
    shape = type("PartsOfOneForm", (PartsForm,), fields | {"names": tuple(fields)})
    filled = {PREFIX + each.public_id: known.get(each.id) for each in neighbours}
    typed = {"formdata": None} if fresh else {}
    form: PartsForm = shape(data=filled | {"revision": resource.revision}, prefix="parts-", **typed)
    return form


def _offered(resource: Resource) -> list[Resource]:
    """List what could be a part: all else at the site but what is made of this resource."""
    above = {whole.id for whole in wholes_of([resource.id])}
    return [each for each in neighbours_of(resource) if each.id not in above]


def _known(resource: Resource) -> dict[int, int]:
    components = components_at(resource.site_id)
    return {each.part_id: each.qty for each in components if each.whole_id == resource.id}


def _field(neighbour: Resource) -> IntegerField:
    most = NumberRange(
        0, neighbour.capacity, _l("Enter a whole number from 0 to %(max)s.", max=neighbour.capacity)
    )
    total = _l("Of %(total)s in all.", total=amount(neighbour.unit, neighbour.capacity))
    return IntegerField(
        neighbour.name,
        validators=[Optional(), most],
        description=total if neighbour.capacity > 1 else _l("There is 1: it is taken as a whole."),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
