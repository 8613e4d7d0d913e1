"""How warm a storage place is: noted by who manages it, with what it means and what is in there."""

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.words import person_name
from app.catalogue.models import Resource
from app.catalogue.policy import CataloguePermission
from app.core import clock
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import can
from app.supply.lots import queries, service
from app.supply.lots.forms import ReadingForm
from app.supply.lots.limits import Verdict, limits_of
from app.supply.lots.models import ReadingCorrection, TemperatureReading
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.rules import CORRECTION_TIME
from app.supply.lots.views import blueprint
from app.supply.lots.views.cards import incident_line, lot_line
from app.supply.lots.views.loading import seen_store
from app.supply.lots.words import VERDICTS, degrees, limits_words
from app.web.errors import status_of
from app.web.format import clock_time, short_day
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


@blueprint.get("/ressources/<slug>/releves")
@allowed(CataloguePermission.MANAGE_SITE, load=seen_store)
def readings(place: Resource) -> Response:
    """Show the last readings."""
    return _page(place, ReadingForm(formdata=None))


@blueprint.post("/ressources/<slug>/releves")
@allowed(CataloguePermission.MANAGE_SITE, load=seen_store)
def note_reading(place: Resource) -> Response:
    """Note one."""
    form, place_id, slug = ReadingForm(), place.id, place.slug
    if not form.validate():
        return _page(place, form, 422)
    key = (form.once.data or "")[:80] or None
    try:
        verdict = service.read(current_actor(), place_id, form.temperature.tenths, key).verdict
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        form.refuse(str(error.facts.get("field", "")), explain(error))
        return _page(seen_store(slug), form, status_of(error))
    flash(*_said(verdict))
    return redirect(url_for("lots.readings", slug=slug), 303)


def _said(verdict: str) -> tuple[str, str]:
    match verdict:
        case Verdict.ALARM:
            return (
                _(
                    "Alarm: an incident is open, and who has lots here is told by e-mail. "
                    "Mistyped? Correct the reading below."
                ),
                "error",
            )
        case Verdict.WARNING:
            return _("Noted. It is too warm: close the door, look again in an hour."), "warning"
        case _:
            return _("Noted."), "success"


def _page(place: Resource, form: ReadingForm, status: int = 200) -> Response:
    regime = queries.regime_of(place)
    return page(
        "supply/lots/readings.html",
        status=status,
        place=place,
        form=form,
        limits=limits_words(limits_of(regime, place.facts)) if regime else [],
        readings=[
            _with_way(each, reading_line(each, place.site.timezone)) for each in queries.readings_in(place.id)
        ],
        incidents=[incident_line(each) for each in queries.incidents_in(place.id)],
        lots=[_lot(each) for each in queries.lots_in(place.id)],
    )


def _lot(found: queries.Found) -> dict[str, Any]:
    """Write a lot; it leads to its page only those who may see that."""
    line = lot_line(found)
    return line if can(current_actor(), P.SEE, found.lot) else line | {"href": ""}


def _with_way(reading: TemperatureReading, line: dict[str, Any]) -> dict[str, Any]:
    """Lead to the page where a reading is corrected, as long as it can be."""
    is_open = clock.now() < reading.at + CORRECTION_TIME
    slug = reading.resource.slug
    return line | {"href": url_for("lots.reading", slug=slug, reading_id=reading.id) if is_open else ""}


def reading_line(reading: TemperatureReading, tz: str) -> dict[str, Any]:
    """Write a reading, with the figures it had before and who said so."""
    state, words = VERDICTS[reading.verdict]
    looked = reading.corrections
    return {
        "was": [degrees(each.was_tenths) for each in looked if not each.is_confirmed],
        "looked": [_looked_again(each, tz) for each in looked],
        "when": f"{short_day(reading.at, tz=tz)} {clock_time(reading.at, tz=tz)}",
        "degrees": degrees(reading.tenths),
        "state": state,
        "words": words,
        "who": person_name(reading.person.name),
    }


def _looked_again(each: ReadingCorrection, tz: str) -> str:
    """Say who corrected or confirmed a reading, when, and why."""
    told = {
        "name": person_name(each.person.name),
        "when": f"{short_day(each.at, tz=tz)} {clock_time(each.at, tz=tz)}",
    }
    if each.is_confirmed:
        return _("Confirmed by %(name)s, %(when)s", **told)
    if not each.reason:
        return _("Corrected by %(name)s, %(when)s", **told)
    return _("Corrected by %(name)s, %(when)s: %(reason)s", reason=each.reason, **told)
