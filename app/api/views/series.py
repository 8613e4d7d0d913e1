"""Series through the API: looked at, asked for with the bookings, read by their own reference."""

from dataclasses import dataclass
from datetime import date

from flask import Response, current_app, url_for

from app.accounts.models import Organisation
from app.api import service, writing
from app.api.openapi import PERSONAL, api, says
from app.api.problems import wish_for
from app.api.reading import read_pack, read_resource, read_span
from app.api.repeating import SeriesBody, read_dates, read_rule
from app.api.requests import ReasonBody, SeriesYesBody
from app.api.series_answers import Series as SeriesAnswer
from app.api.series_writing import Dates, write_series
from app.api.views import blueprint
from app.api.views.resources import seen as resource_seen
from app.api.writing import Json
from app.availability.askers import Asker
from app.availability.errors import SeveralRefused
from app.availability.queries import get_terms
from app.availability.rules import Terms
from app.availability.shown import Shown
from app.bookings import service as use_cases
from app.bookings.errors import BookingNotFound
from app.bookings.models import Booking, Series
from app.bookings.occurrences import goes_on
from app.bookings.policy import BookingPermission as P
from app.bookings.previews import Date, look
from app.bookings.queries import elsewhere_dates, occurrences_of
from app.bookings.queries import get_series as find_series
from app.core.errors import Forbidden
from app.core.policy import can
from app.core.recurrence import hours_of
from app.infra.db import db
from app.web.errors import problem
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.words import explain

_REF = {"series_ref": "Reference of the series."}


@dataclass(frozen=True)
class Asking:
    """A request for a series as it was read: the place, its terms for who asks, and the request itself."""

    shown: Shown
    terms: Terms
    request: use_cases.SeriesRequest
    opened: tuple[date, ...] = ()  # days whose alternatives are asked for

    @classmethod
    def of(cls, body: SeriesBody, organisation_id: int, key: str | None) -> "Asking":
        """Read a body; raise FieldsRefused, or NotFound for a resource."""
        shown, span = resource_seen(body.resource), read_span(body.start, body.end, "body")
        organisation = db.session.get_one(Organisation, organisation_id)
        terms = get_terms(shown.id, Asker.on_behalf_of(organisation))
        pack = read_pack(body.unit, body.quantity, shown, terms, "body")
        quantity = pack.units if pack else body.quantity
        wish_for(shown, span, quantity, organisation_id)
        first, hours = hours_of(span, terms.timezone)
        rule = read_rule(body.repeat, first, terms)
        choices = read_dates(body.repeat, hours, quantity, lambda name: read_resource(name, current_actor()))
        keep_free = body.repeat.conflicts == "free"
        why = (body.purpose, body.people, body.message, key, choices, keep_free, body.licence_years, pack)
        opened = tuple(body.repeat.alternatives_for)
        request = use_cases.SeriesRequest(shown.id, organisation_id, rule, hours, quantity, *why)
        return cls(shown, terms, request, opened)

    def look(self) -> list[Date]:
        """Look at every date as it stands now."""
        asked = self.request
        facts = (self.terms, asked.quantity, asked.choices, current_actor(), self.opened)
        return look(asked.rule, asked.hours, self.shown, *facts)

    def write(self, dates: list[Date]) -> list[Json]:
        """Write dates."""
        return Dates(self.shown, self.terms, self.request.quantity, dates).write()


def ask_again_and_again(body: SeriesBody, organisation_id: int, key: str | None) -> Response:
    """Look at the dates of a body, or ask for them."""
    asking = Asking.of(body, organisation_id, key)
    if body.repeat.preview:
        return _preview(asking)
    try:
        host = current_app.config["MUTUALIM"].uid_host
        made = service.ask_series(asking.request, current_actor(), uid_host=host)
    except SeveralRefused as error:
        refused = [each for each in asking.look() if not each.is_left_out and not each.each.is_free]
        return problem(409, error.code, explain(error), facts={}, dates=asking.write(refused))
    series = find_series(made.ref)
    headers = {"Location": url_for("api.get_series", series_ref=series.ref)}
    if made.replayed:
        return _shown(series, None, 201, **headers, Idempotent_Replayed="true")
    return _shown(series, _left_out(asking, series), 201, **headers)


def _preview(asking: Asking) -> Response:
    dates = asking.look()
    kept = [each for each in dates if not each.is_left_out]
    free = sum(1 for each in kept if each.each.is_free)
    on = goes_on(asking.request.rule, asking.terms)
    told = {"dates": asking.write(dates), "free": free, "refused": len(kept) - free, "goes_on": on}
    return writing.answer(told)


def _left_out(asking: Asking, series: Series) -> list[Json]:
    """Tell which dates no booking was made for, and why: what others have stands in the way as it did."""
    made = {each.recurrence_id for each in (*occurrences_of(series.id), *elsewhere_dates(series.id))}
    return asking.write([each for each in asking.look() if each.each.day not in made])


def seen_series(series_ref: str) -> Series:
    """Find the series for the caller; whoever may not see it is told the same as if there were none."""
    if not current_actor().is_signed_in:
        raise Forbidden(signed_in=False)
    series = find_series(series_ref)
    if not can(current_actor(), P.SEE, series):
        raise BookingNotFound(ref=series_ref)
    return series


@blueprint.get("/series/<series_ref>")
@allowed(P.SEE, load=seen_series)
@api.validate(
    resp=says(SeriesAnswer, 404), tags=["bookings"], security=PERSONAL, operation_id="getSeries",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def get_series(series: Series) -> Response:
    """Read a series: its rule, and those of its dates you may see."""
    return _shown(series, None)


@blueprint.post("/series/<series_ref>/approve")
@allowed(P.DECIDE, load=seen_series)
@api.validate(
    resp=says(SeriesAnswer, 403, 404, 409), tags=["bookings"], security=PERSONAL, operation_id="approveSeries",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def approve_series(series: Series, json: SeriesYesBody) -> Response:
    """Accept all dates that wait, at the place of the series; 409 where others have taken some meanwhile."""
    ref, keep_free = series.ref, json.conflicts == "free"
    use_cases.approve_series(series.id, current_actor(), json.reason, keep_free=keep_free)
    return _shown(find_series(ref), None)


@blueprint.post("/series/<series_ref>/refuse")
@allowed(P.DECIDE, load=seen_series)
@api.validate(
    resp=says(SeriesAnswer, 403, 404, 409), tags=["bookings"], security=PERSONAL, operation_id="refuseSeries",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def refuse_series(series: Series, json: ReasonBody) -> Response:
    """Refuse all dates that wait, at the place of the series, with one reason."""
    ref = series.ref
    use_cases.refuse_series(series.id, current_actor(), json.reason)
    return _shown(find_series(ref), None)


def _shown(series: Series, left_out: list[Json] | None, status: int = 200, **headers: str) -> Response:
    bookings: list[Booking] = [*occurrences_of(series.id), *elsewhere_dates(series.id)]
    seen = sorted((b for b in bookings if can(current_actor(), P.SEE, b)), key=lambda b: (b.start_at, b.id))
    return writing.answer(write_series(series, seen, left_out, current_actor()), status, **headers)
