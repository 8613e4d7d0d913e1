"""Closures of a site and its resources: what they hit is shown before anything is saved."""

from dataclasses import dataclass

from flask import flash, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import DateInput

from app.availability.asking import FIELDS, Asked, read_span
from app.availability.closures import closures_of, lift
from app.availability.models import Closure
from app.bookings.errors import BookingsHit
from app.bookings.narrowing import MAX_REASON, Answer, Closing, narrow
from app.bookings.policy import BookingPermission
from app.bookings.views import blueprint
from app.bookings.views.common import onward
from app.bookings.views.hit import Hit, ended_words, hit_by, read_answer
from app.catalogue.models import Resource, Site, Status
from app.catalogue.queries import get_site
from app.core.errors import DomainError, NotFound
from app.core.span import Span
from app.infra.db import db
from app.web.errors import status_of
from app.web.format import zone
from app.web.forms import Form, _l, time_choices
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain, sentence

_WHOLE_SITE = ""


class ClosureForm(Form):
    """What is closed, from when to when, and why."""

    what = SelectField(_l("What is closed"), validate_choice=False)
    date = StringField(
        _l("First day"), widget=DateInput(), validators=[DataRequired(_l("Give the first day."))]
    )
    de = SelectField(_l("At"), choices=time_choices(30, last=1410), default="00:00", validate_choice=False)
    fin = StringField(
        _l("Last day (included)"), widget=DateInput(), validators=[DataRequired(_l("Give the last day."))]
    )
    a = SelectField(_l("Until"), choices=time_choices(30, first=30), default="24:00", validate_choice=False)
    reason = StringField(
        _l("Reason"),
        validators=[
            DataRequired(_l("Give a reason: the people concerned will read it.")),
            Length(max=MAX_REASON),
        ],
        description=_l("Everybody who looks for a time reads it: works, holidays, an inspection…"),
    )

    def read(self, site: Site) -> Span | None:
        """Read the span in the site's zone; what is wrong is attached to its field."""
        asked = Asked({name: str(self[name].data or "") if name in self else "" for name in FIELDS})
        span = read_span(asked, zone(site.timezone), by_day=False)
        for name, refusal in asked.errors.items():
            self.refuse(name, sentence(refusal.code, refusal.facts))
        return span


@dataclass(frozen=True)
class Listed:
    """A closure in the list, with what it closes."""

    closure: Closure
    what: str


@dataclass(frozen=True)
class Closed:
    """A closure with the site whose managers may lift it."""

    closure: Closure
    site: Site

    @property
    def territory_id(self) -> int:
        """The territory it lies in, whose coordination may lift it too."""
        return self.site.territory_id


def _closed(slug: str, public_id: str) -> Closed:
    site = get_site(slug)
    closure = db.session.scalars(select(Closure).filter_by(public_id=public_id)).one_or_none()
    mine = {resource.id for resource in site.resources}
    if closure is None or (closure.site_id != site.id and closure.resource_id not in mine):
        raise NotFound(kind="closure")
    return Closed(closure, site)


@blueprint.get("/lieux/<slug>/fermetures")
@allowed(BookingPermission.CLOSE, load=get_site)
def closures(site: Site) -> Response:
    """List the closures of a site, with the form for another."""
    form = ClosureForm(formdata=None)
    form.what.data = request.args.get("what", _WHOLE_SITE)
    return _show(site, form)


@blueprint.post("/lieux/<slug>/fermetures")
@allowed(BookingPermission.CLOSE, load=get_site)
def close(site: Site) -> Response:
    """Close, or first show what would be hit; nothing is saved before the manager has seen it."""
    form = ClosureForm()
    things = _things(site)
    valid, span = form.validate(), form.read(site)
    if form.what.data not in things:
        form.refuse("what", _("Choose the site or one of its resources."))
    if not valid or span is None or form.what.errors:
        return _show(site, form, status=422)
    change = Closing(thing=things[form.what.data], span=span, reason=form.reason.data or "")
    try:
        return _close(site, change, read_answer())
    except BookingsHit as error:
        return _show(site, form, hit=hit_by(error), status=status_of(error))
    except DomainError as error:
        form.refuse(error.facts.get("field", ""), explain(error))
        return _show(site, form, status=status_of(error))


@blueprint.post("/lieux/<slug>/fermetures/<public_id>/lever")
@allowed(BookingPermission.CLOSE, load=_closed)
def lift_closure(closed: Closed) -> Response:
    """Open again before the closure ends."""
    lift(closed.closure, current_actor())
    return onward(_("It is open again: people can ask for these times."), _list(closed.site))


def _close(site: Site, change: Closing, answer: Answer | None) -> Response:
    there = _list(site)
    narrowed = narrow(change, current_actor(), answer)
    if ended := ended_words(narrowed.ended):
        flash(ended, "info")
    if not narrowed.hit:
        return onward(_("It is closed: nobody can ask for these times."), there)
    if answer and answer.cancel:
        said = _("It is closed. The bookings of that time are cancelled, and everybody is told why.")
        return onward(said, there)
    return onward(_("It is closed. The bookings of that time are kept, and everybody is told why."), there)


def _list(site: Site) -> str:
    return url_for("bookings.closures", slug=site.slug)


def _things(site: Site) -> dict[str | None, Site | Resource]:
    resources = [r for r in site.resources if r.status != Status.ARCHIVED]
    return {_WHOLE_SITE: site, **{resource.public_id: resource for resource in resources}}


def _show(site: Site, form: ClosureForm, *, hit: Hit | None = None, status: int = 200) -> Response:
    things = _things(site)
    form.what.choices = [
        (key or "", _("the whole site") if isinstance(thing, Site) else thing.name)
        for key, thing in things.items()
    ]
    names = {thing.id: thing.name for thing in things.values() if isinstance(thing, Resource)}
    listed = [
        Listed(closure, names.get(closure.resource_id or 0, _("the whole site")))
        for closure in closures_of(site)
    ]
    return page("bookings/closures.html", status=status, site=site, form=form, hit=hit, closures=listed)
