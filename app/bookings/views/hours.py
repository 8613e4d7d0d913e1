"""The hours editor of a site, and of a resource with hours of its own; what the hours would hit is shown first."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import flash, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.availability.editing import Draft, read_draft
from app.availability.errors import Refusal
from app.availability.hours import calendar_of
from app.availability.models import Schedule
from app.availability.opening import OpeningHours
from app.availability.policy import TimePermission
from app.availability.words.hours import ranges_words
from app.bookings.errors import BookingsHit
from app.bookings.narrowing import MAX_REASON, Answer, NewHours, narrow
from app.bookings.views import blueprint
from app.bookings.views.common import onward
from app.bookings.views.hit import Hit, ended_words, hit_by, read_answer
from app.catalogue.models import Resource, Site
from app.catalogue.queries import get_resource, get_site
from app.core import clock
from app.core.span import to_wall
from app.core.text import writable
from app.infra.db import db
from app.web.errors import status_of
from app.web.format import day as day_words
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page

PREVIEW_DAYS = 14


@dataclass(frozen=True)
class Edited:
    """Whose hours are edited: a site's, or a resource's (`own` tells whether it has its own already)."""

    site: Site
    resource: Resource | None
    schedule: Schedule

    @property
    def own(self) -> bool:
        """Tell whether the schedule belongs to the resource itself."""
        return self.resource is not None and self.schedule.resource_id == self.resource.id

    @property
    def action(self) -> str:
        """Give the address of the editor."""
        if self.resource:
            return url_for("bookings.edit_resource_hours", slug=self.resource.slug)
        return url_for("bookings.edit_site_hours", slug=self.site.slug)

    @property
    def stored(self) -> Draft:
        """Give the hours as they are, ready to be edited."""
        return Draft.of_expression(self.schedule.expression)


@blueprint.get("/lieux/<slug>/horaires")
@allowed(TimePermission.MANAGE_TIME, load=get_site)
def edit_site_hours(site: Site) -> Response:
    """Show the hours of a site as a week to edit."""
    edited = _of_site(site)
    return _show(edited, edited.stored)


@blueprint.post("/lieux/<slug>/horaires")
@allowed(TimePermission.MANAGE_TIME, load=get_site)
def save_site_hours(site: Site) -> Response:
    """Save the hours of a site, or show what is wrong with them."""
    return _save(_of_site(site))


@blueprint.get("/ressources/<slug>/horaires")
@allowed(TimePermission.MANAGE_TIME, load=get_resource)
def edit_resource_hours(resource: Resource) -> Response:
    """Show the hours a resource follows, ready to become its own."""
    edited = _of_resource(resource)
    return _show(edited, edited.stored)


@blueprint.post("/ressources/<slug>/horaires")
@allowed(TimePermission.MANAGE_TIME, load=get_resource)
def save_resource_hours(resource: Resource) -> Response:
    """Save hours of its own for a resource, or let it follow its site again."""
    edited = _of_resource(resource)
    if "follow" in request.form:
        return _narrow(edited, edited.stored, None)
    return _save(edited)


def _of_site(site: Site) -> Edited:
    return Edited(site, None, db.session.scalars(select(Schedule).filter_by(site_id=site.id)).one())


def _of_resource(resource: Resource) -> Edited:
    own = db.session.scalars(select(Schedule).filter_by(resource_id=resource.id)).one_or_none()
    if own:
        return Edited(resource.site, resource, own)
    of_site = db.session.scalars(select(Schedule).filter_by(site_id=resource.site_id)).one()
    return Edited(resource.site, resource, of_site)


def _save(edited: Edited) -> Response:
    draft = read_draft(request.form)
    if "add" in request.form:
        draft.rows += 1
        draft.errors.clear()
        return _show(edited, draft)
    if "look" in request.form or draft.expression is None:
        return _show(edited, draft, status=422 if draft.errors else 200)
    return _narrow(edited, draft, draft.expression)


def _narrow(edited: Edited, draft: Draft, expression: str | None) -> Response:
    """Save, unless bookings would lie outside the hours and nobody has said yet what is to become of them."""
    change = NewHours(thing=edited.resource or edited.site, reason=_reason(), expression=expression)
    back, answer = url_for("catalogue.manage_site", slug=edited.site.slug), read_answer()
    try:
        narrowed = narrow(change, current_actor(), answer)
    except BookingsHit as error:
        status = status_of(error)
        if error.facts["lacks"] == "reason":
            draft.errors["reason"], status = Refusal(error.code, error.facts), 422
        return _show(edited, draft, status, hit=hit_by(error), following=expression is None)
    said = _said(change)
    if ended := ended_words(narrowed.ended):
        flash(ended, "info")
    if narrowed.hit and answer:
        flash(said, "success")
        said = _fate(answer)
    return onward(said, back)


def _reason() -> str:
    return writable(request.form.get("reason", ""))


def _said(change: NewHours) -> str:
    if change.expression is None:
        return _("“%(name)s” follows the hours of the site again.", name=change.thing.name)
    return _("The opening hours are saved.")


def _fate(answer: Answer) -> str:
    if answer.cancel:
        return _("The bookings outside the hours are cancelled, and everybody is told why.")
    return _("The bookings outside the hours are kept, and everybody is told.")


def _show(
    edited: Edited, draft: Draft, status: int = 200, *, hit: Hit | None = None, following: bool = False
) -> Response:
    return page(
        "bookings/hours.html",
        status=status,
        edited=edited,
        draft=draft,
        preview=_preview(edited.schedule, draft.expression) if draft.expression else [],
        hit=hit,
        following=following,
        reason=_reason(),
        longest=MAX_REASON,
    )


def _preview(schedule: Schedule, expression: str) -> list[tuple[str, str]]:
    """Say what the hours come to on each of the next days, holidays included."""
    hours, calendar = OpeningHours.parse(expression), calendar_of(schedule.school_zone)
    today = to_wall(clock.now(), ZoneInfo(schedule.timezone)).date()
    found = []
    for number in range(PREVIEW_DAYS):
        day = today + timedelta(days=number)
        name = calendar.name(day)
        words = ranges_words(hours.day(day, calendar))
        found.append((day_words(day), f"{words} ({name})" if name else words))
    return found
