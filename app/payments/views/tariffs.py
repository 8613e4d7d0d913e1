"""What using a resource costs, for whoever answers for its place: what holds, what will, what did, a new version."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.rules import PRIORITY_CLASSES
from app.accounts.words import PRIORITIES
from app.catalogue.errors import LoanIsFree
from app.catalogue.kinds.units import Unit
from app.catalogue.kinds.words import amount
from app.catalogue.models import Resource
from app.catalogue.queries import get_resource
from app.core import clock
from app.core.errors import NotFound
from app.core.money import WHOLE_BP
from app.payments import queries, service
from app.payments.models import TariffVersion
from app.payments.policy import MoneyPermission
from app.payments.tariffs.drafting import Draft, draft_of, draft_of_lines, read_draft
from app.payments.tariffs.estimating import estimate
from app.payments.tariffs.examples import KG, KM, KWH, PERSONS, Example, Limits, examples
from app.payments.tariffs.headline import Headline, lines_of
from app.payments.tariffs.rules import in_force, planned
from app.payments.tariffs.tariff import Meter, Tariff, VatRegime, When
from app.payments.tariffs.words import (
    METERS,
    VAT,
    WEEKDAYS,
    WHEN,
    class_words,
    line_words,
    not_used_words,
    peak_words,
    quantity,
    vat_words,
)
from app.payments.views import blueprint
from app.payments.views.regimes import clashes_of, contradicted
from app.web.format import duration, money, zone
from app.web.forms import time_choices
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page

_COUNTED = {Meter.KM: KM, Meter.KG: KG, Meter.KWH: KWH, Meter.PERSON: PERSONS}


def priced(slug: str) -> Resource:
    """Find a resource whose territory reckons with money: elsewhere there is no such page."""
    resource = get_resource(slug)
    if not queries.has_money(resource.territory_id):
        raise NotFound(kind="resource", slug=slug)
    return resource


@dataclass(frozen=True)
class Examples:
    """What some uses would cost: a column for the whole price, and one for each class that pays something else."""

    heads: list[str]
    rows: list[tuple[str, list[str]]]


@blueprint.get("/ressources/<slug>/tarifs")
@allowed(MoneyPermission.SET_TARIFF, load=priced)
def tariffs(subject: Resource) -> Response:
    """Show the tariff of a resource and its versions, with the form for a new one."""
    versions = queries.versions_of(subject.id)
    now = in_force(versions, clock.now())
    return _show(subject, versions, draft_of(now.tariff) if now and now.tariff else _first(subject))


@blueprint.post("/ressources/<slug>/tarifs")
@allowed(MoneyPermission.SET_TARIFF, load=priced)
def publish_tariff(subject: Resource) -> Response:
    """Publish a new version; or add or take away a row, or show what it would come to."""
    draft, slug = read_draft(request.form), subject.slug
    if "row" in request.form:
        draft.press(request.form["row"][:60])
        return _again(subject, draft, 422 if draft.errors else 200)
    tariff, note, starts_at = draft.tariff(), draft.note(), _starts(draft, subject)
    if "look" in request.form:
        return _again(subject, draft, 200)
    if tariff is None or draft.errors:
        return _again(subject, draft, 422)
    try:
        service.publish_tariff(current_actor(), subject.id, tariff, starts_at=starts_at, note=note)
    except LoanIsFree as error:
        draft.errors["lines"] = error
        return _again(subject, draft, 422)
    flash(
        _("The tariff is published. What was asked for before keeps the price it was asked with."), "success"
    )
    return redirect(url_for("payments.tariffs", slug=slug), 303)


@blueprint.post("/ressources/<slug>/tarifs/gratuit")
@allowed(MoneyPermission.SET_TARIFF, load=priced)
def make_free(subject: Resource) -> Response:
    """Let a resource be free of charge from a day on."""
    typed, slug = read_draft(request.form), subject.slug
    note, starts_at = typed.note(), _starts(typed, subject)
    if typed.errors:
        versions = queries.versions_of(subject.id)
        return _show(subject, versions, _first(subject), free=typed, status=422)
    service.publish_tariff(current_actor(), subject.id, None, starts_at=starts_at, note=note)
    flash(_("It is free of charge from then on. What was asked for before keeps its price."), "success")
    return redirect(url_for("payments.tariffs", slug=slug), 303)


def _starts(draft: Draft, resource: Resource) -> datetime | None:
    return draft.starts_at(zone(resource.site.timezone), clock.now())


def _first(resource: Resource) -> Draft:
    """Begin a first tariff with the price that was shown so far."""
    km = int(resource.facts.get("price_per_km") or 0)
    return draft_of_lines(lines_of(Headline(resource.price_cents, resource.price_per, km), resource.unit))


def _again(resource: Resource, draft: Draft, status: int) -> Response:
    return _show(resource, queries.versions_of(resource.id), draft, status=status)


def _show(
    resource: Resource,
    versions: list[TariffVersion],
    draft: Draft,
    *,
    free: Draft | None = None,
    status: int = 200,
) -> Response:
    now = clock.now()
    current = in_force(versions, now)
    coming = planned(versions, now)
    read, owner = _tried(draft), resource.site.owner
    return page(
        "payments/tariffs.html",
        "payments/_examples.html",
        status=status,
        resource=resource,
        site=resource.site,
        current=current,
        coming=coming,
        others=[each for each in versions if each is not current and each not in coming],
        now=now,
        draft=draft,
        free=free or Draft([]),
        choices=_choices(),
        today=now.astimezone(zone(resource.site.timezone)).date().isoformat(),
        examples=_examples(read, resource) if read else None,
        contradicted=contradicted(owner, read),
        clashes=clashes_of(owner, _regime(current)),
    )


def _regime(version: TariffVersion | None) -> VatRegime | None:
    return version.tariff.vat_regime if version and version.tariff else None


def _tried(draft: Draft) -> Tariff | None:
    """Read what is typed for the examples, without complaining of what nobody has sent yet."""
    return Draft(draft.lines, draft.peaks, draft.typed, draft.coefficients).tariff()


def _choices() -> dict[str, Any]:
    return {
        "meters": list(METERS.items()),
        "when": list(WHEN.items()),
        "vat": list(VAT.items()),
        "weekdays": list(enumerate(WEEKDAYS)),
        "times": time_choices(30),
        "classes": [(each, PRIORITIES[each]) for each in PRIORITY_CLASSES],
    }


blueprint.app_context_processor(
    lambda: {
        "tariff_line_words": line_words,
        "peak_words": peak_words,
        "class_words": class_words,
        "not_used_words": not_used_words,
        "vat_words": vat_words,
    }
)


# -- what it would come to ------------------------------------------------------------------------------------


def _examples(tariff: Tariff, resource: Resource) -> Examples:
    columns = ["", *(each for each in PRIORITY_CLASSES if tariff.coefficient_of(each) != WHOLE_BP)]
    shown = examples(tariff, zone(resource.site.timezone), clock.now(), _limits(resource))
    return Examples(
        [each or _("Whole price") for each in columns],
        [
            (
                _use_words(each, tariff, resource),
                [money(estimate(tariff, [each.use], by).cents) for by in columns],
            )
            for each in shown
        ],
    )


def _limits(resource: Resource) -> Limits:
    """Tell what can be asked for, so that no example is refused."""
    shortest, longest = timedelta(minutes=resource.min_minutes), timedelta(minutes=resource.max_minutes)
    return Limits(shortest, longest, timedelta(minutes=resource.step_minutes), resource.capacity)


def _use_words(example: Example, tariff: Tariff, resource: Resource) -> str:
    """Name a use: how many of what, for how long, in which hours, with what is counted."""
    pieces = [duration(example.length)]
    if example.units > 1 or (resource.unit != Unit.WHOLE and resource.capacity > 1):
        pieces.insert(0, amount(resource.unit, example.units))
    if example.when is not When.ALWAYS:
        pieces.append(str(WHEN[example.when]))
    pieces += [
        _counted(meter) for meter in dict.fromkeys(line.meter for line in tariff.lines) if meter in _COUNTED
    ]
    return ", ".join(pieces)


def _counted(meter: Meter) -> str:
    return (
        _("%(num)s people", num=PERSONS) if meter is Meter.PERSON else quantity(meter, _COUNTED[meter] * 1000)
    )
