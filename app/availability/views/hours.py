"""The hours editor of a site, and of a resource with hours of its own."""

from dataclasses import dataclass
from datetime import timedelta

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.availability.editing import Draft, read_draft
from app.availability.hours import calendar_of
from app.availability.models import Schedule
from app.availability.opening import OpeningHours
from app.availability.policy import TimePermission
from app.availability.schedules import change_resource_hours, change_site_hours
from app.availability.views.blueprint import blueprint
from app.availability.words.hours import ranges_words
from app.catalogue.models import Resource, Site
from app.catalogue.queries import get_resource, get_site
from app.core import clock
from app.infra.db import db
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
            return url_for("availability.edit_resource_hours", slug=self.resource.slug)
        return url_for("availability.edit_site_hours", slug=self.site.slug)


@blueprint.get("/lieux/<slug>/horaires")
@allowed(TimePermission.MANAGE_TIME, load=get_site)
def edit_site_hours(site: Site) -> Response:
    """Show the hours of a site as a week to edit."""
    edited = _of_site(site)
    return _show(edited, Draft.of_expression(edited.schedule.expression))


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
    return _show(edited, Draft.of_expression(edited.schedule.expression))


@blueprint.post("/ressources/<slug>/horaires")
@allowed(TimePermission.MANAGE_TIME, load=get_resource)
def save_resource_hours(resource: Resource) -> Response:
    """Save hours of its own for a resource, or let it follow its site again."""
    if "follow" in request.form:
        change_resource_hours(resource, None, current_actor())
        flash(_("“%(name)s” follows the hours of the site again.", name=resource.name), "success")
        return redirect(_back(resource.site), 303)
    return _save(_of_resource(resource))


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
    if edited.resource:
        change_resource_hours(edited.resource, draft.expression, current_actor())
    else:
        change_site_hours(edited.site, draft.expression, current_actor())
    flash(_("The opening hours are saved. What is booked already stays booked."), "success")
    return redirect(_back(edited.site), 303)


def _back(site: Site) -> str:
    return url_for("catalogue.manage_site", slug=site.slug)


def _show(edited: Edited, draft: Draft, status: int = 200) -> Response:
    preview = _preview(edited.schedule, draft.expression) if draft.expression else []
    return page("availability/hours.html", status=status, edited=edited, draft=draft, preview=preview)


def _preview(schedule: Schedule, expression: str) -> list[tuple[str, str]]:
    """Say what the hours come to on each of the next days, holidays included."""
    hours, calendar = OpeningHours.parse(expression), calendar_of(schedule.school_zone)
    today = clock.now().date()
    found = []
    for number in range(PREVIEW_DAYS):
        day = today + timedelta(days=number)
        name = calendar.name(day)
        words = ranges_words(hours.day(day, calendar))
        found.append((day_words(day), f"{words} ({name})" if name else words))
    return found
