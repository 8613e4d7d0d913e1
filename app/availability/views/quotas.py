"""The quotas of a resource, for whoever manages its site: who has how much, who uses it, what is lent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.accounts.models import Organisation, OrganisationState
from app.availability.allotting import allot
from app.availability.forms import SHARE, QuotasForm, quotas_form
from app.availability.lending import Use, use_of
from app.availability.queries import fresh_claims, get_terms, instant
from app.availability.rules import Part, Terms
from app.availability.shares import quotas_of
from app.availability.views.blueprint import blueprint
from app.catalogue.kinds.words import amount
from app.catalogue.models import Resource
from app.catalogue.policy import CataloguePermission as P
from app.catalogue.queries import get_resource
from app.catalogue.views.common import Show, refuse, revision_of
from app.core import clock
from app.core.errors import DomainError
from app.infra.db import db
from app.web.format import short_day
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page

WEEKS = 4


@dataclass(frozen=True)
class Line:
    """What one organisation has: its quota (nothing where it has none), and its use in each week."""

    name: str
    quota: str
    weeks: tuple[str, ...]


@blueprint.get("/ressources/<slug>/quotas")
@allowed(P.MANAGE_SITE, load=get_resource)
def quotas(subject: Resource) -> Response:
    """Show the quotas of a resource, and what is used and lent of them in the coming weeks."""
    return _show(subject, _form(subject))(200)


@blueprint.post("/ressources/<slug>/quotas")
@allowed(P.MANAGE_SITE, load=get_resource)
def save_quotas(subject: Resource) -> Response:
    """Set the quotas of a resource."""
    slug, form = subject.slug, _form(subject)
    show = _show(subject, form)
    if not form.validate():
        return show(422)
    try:
        is_new = allot(current_actor(), subject, form.allotment(), revision=revision_of(form))
    except DomainError as error:
        if SHARE + str(error.facts.get("field")) in form:
            error.facts["field"] = SHARE + str(error.facts["field"])
        return refuse(form, error, show)
    if is_new:
        flash(
            _("The quotas are saved. They bind what is asked from now on; what is booked stays."), "success"
        )
    else:
        flash(_("Nothing was changed."), "info")
    return redirect(url_for("availability.quotas", slug=slug), 303)


def _form(resource: Resource) -> QuotasForm:
    known = quotas_of([resource.id]).get(resource.id)
    return quotas_form(_organisations(resource), known, resource.capacity, resource.revision)


def _organisations(resource: Resource) -> list[Organisation]:
    active = select(Organisation).where(
        Organisation.territory_id == resource.territory_id, Organisation.state == OrganisationState.ACTIVE
    )
    return list(db.session.scalars(active.order_by(Organisation.name, Organisation.id)))


def _show(resource: Resource, form: QuotasForm) -> Show:
    terms = get_terms(resource.id)
    return lambda status: page(
        "availability/quotas.html",
        status=status,
        form=form,
        site=resource.site,
        resource=resource,
        total=amount(resource.unit, resource.capacity),
        is_shared=resource.capacity > 1,
        **(_uses(resource, terms) if terms.quotas else {"lines": [], "weeks": [], "lent": []}),
    )


def _uses(resource: Resource, terms: Terms) -> dict[str, Any]:
    """Lay out who uses how much in each of the coming weeks, the first from now on."""
    edges = _weeks(terms)
    claims = fresh_claims([resource.id], edges[0], edges[-1]).get(resource.id, [])
    need: Part = terms.needs[0]
    uses = [use_of(need, claims, start, end) for start, end in pairwise(edges)]
    shares = terms.quotas.shares if terms.quotas else {}
    ids = {*shares, *(each for use in uses for each, most in use.used.items() if most)}
    names = dict(
        db.session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids))).all()
    )
    return {
        "weeks": [_week_name(start, number, terms) for number, start in enumerate(edges[:-1])],
        "lines": [
            Line(name, amount(resource.unit, shares[each]) if each in shares else "", _weekly(uses, each))
            for each, name in sorted(names.items(), key=lambda pair: (pair[0] not in shares, pair[1]))
        ],
        "lent": [str(use.lent) for use in uses],
    }


def _weeks(terms: Terms) -> list[int]:
    """Cut the coming weeks at the midnights of Mondays; the first begins now."""
    today = clock.now().astimezone(terms.zone).date()
    monday = today - timedelta(days=today.weekday())
    mondays = (monday + timedelta(weeks=number) for number in range(1, WEEKS + 1))
    midnights = (datetime(day.year, day.month, day.day, tzinfo=terms.zone) for day in mondays)
    return [clock.epoch(), *(int(each.timestamp()) for each in midnights)]


def _week_name(start: int, number: int, terms: Terms) -> str:
    if not number:
        return _("Until Sunday")
    return _("From %(day)s", day=short_day(instant(start), tz=terms.timezone))


def _weekly(uses: list[Use], organisation: int) -> tuple[str, ...]:
    return tuple(str(use.used.get(organisation, 0)) for use in uses)
