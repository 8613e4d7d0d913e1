"""After a gleaning: what was picked up, and who came."""

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.supply.gleanings import queries, service
from app.supply.gleanings.forms import AttendanceForm, HarvestForm
from app.supply.gleanings.policy import GleaningPermission as P
from app.supply.gleanings.queries import Viewed
from app.supply.gleanings.views import blueprint
from app.supply.gleanings.views.loading import seen
from app.supply.gleanings.views.one import done
from app.supply.gleanings.views.showing import attending, show_gleaning
from app.web.guards import allowed


@blueprint.post("/glanages/<ref>/recolte")
@allowed(P.KEEP, load=seen)
def harvest(viewed: Viewed) -> Response:
    """Say what was picked up."""
    form, gleaning_id = HarvestForm(), viewed.gleaning.id
    if not form.validate():
        return show_gleaning(viewed, harvesting=form, status=422)
    grams = form.amount.grams
    said = _("Noted. What it is on the road is reckoned with it from now on.")
    return done(viewed, lambda actor: service.harvest(actor, gleaning_id, grams), said, harvesting=form)


@blueprint.post("/glanages/<ref>/presence")
@allowed(P.KEEP, load=seen)
def attendance(viewed: Viewed) -> Response:
    """Note who came."""
    gleaning_id = viewed.gleaning.id
    form = attending(queries.sign_ups_of(gleaning_id), AttendanceForm())
    if not form.validate():
        return show_gleaning(viewed, attending=form, status=422)
    came = frozenset(form.came.data or ())
    said = _("Noted: thank you to all who came.")
    return done(viewed, lambda actor: service.note_attendance(actor, gleaning_id, came), said)
