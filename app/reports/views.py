"""The coordination's first page: the coming week of a territory, and what waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.accounts.food_aid_words import standing_words
from app.accounts.identity import reach
from app.accounts.models import Territory
from app.accounts.queries import overseen_food_aid, territories
from app.bookings.arbitration import contests
from app.bookings.conduct import missed_too_often
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission
from app.bookings.rules import ABSENCES_COUNT_FOR, MOST_ABSENCES
from app.bookings.views.common import page_of
from app.bookings.views.contest import summary
from app.catalogue.communes import find_commune
from app.catalogue.kinds.words import kinds_name
from app.catalogue.maps import Spot, drawn_map
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import can
from app.core.span import to_wall
from app.payments import queries as payments
from app.reports import queries
from app.reports.policy import ReportPermission
from app.reports.queries import Place, Waiting, Week
from app.reports.rules import FRESH, LATE, WAITING
from app.supply.lots.queries import count_open_incidents
from app.web.format import duration, few, span_words
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page

blueprint = Blueprint("reports", __name__)
MOST_LINES = 6
_WIDE, _HIGH = 130, 45  # units of the drawing within which names would touch


@dataclass(frozen=True)
class Overseen:
    """The territory that is looked at, among those somebody coordinates."""

    territory: Territory | None
    among: Sequence[Territory]

    @property
    def id(self) -> int | None:
        """What the permission table asks."""
        return self.territory.id if self.territory else None


def _overseen() -> Overseen:
    """Find the territory asked for, the first of them where none is."""
    mine, slug = territories(reach(current_actor())), request.args.get("territoire", "")
    found = next((each for each in mine if each.slug == slug or not slug), None)
    if slug and mine and found is None:
        raise NotFound(kind="territory", slug=slug)
    return Overseen(found, mine)


@blueprint.get("/pat")
@allowed(ReportPermission.OVERSEE, load=_overseen)
def territory(overseen: Overseen) -> Response:
    """Show the coordination how its territory is doing."""
    chosen = overseen.territory
    if chosen is None:
        return page("reports/territory.html", territory=None)
    places = queries.places_of(chosen)
    return page(
        "reports/territory.html",
        territory=chosen,
        others=_others(overseen),
        figures=_figures(queries.coming_week(chosen.id)),
        door=queries.at_the_door(chosen.id),
        contests=[
            summary(each) | {"decides": can(current_actor(), BookingPermission.DECIDE, each.bookings[0])}
            for each in contests(Booking.territory_id == chosen.id)
        ],
        absences=_absences(chosen),
        most_absences=MOST_ABSENCES,
        absences_count_for=ABSENCES_COUNT_FOR.days,
        ages=_ages(queries.waiting_requests(chosen.id), chosen),
        unmet=[
            (kinds_name(each.kind), few(each.refused), few(each.expired))
            for each in queries.unmet_lately(chosen.id)
        ],
        food_aid=_food_aid(chosen),
        incidents=count_open_incidents(chosen.id),
        places=places,
        map=_map(chosen, places),
        switches=payments.switches(chosen.id),
    )


def _others(overseen: Overseen) -> list[dict[str, Any]]:
    """Give the tabs of the territories, where there are several."""
    tabs = [
        {
            "label": each.name,
            "href": url_for("reports.territory", territoire=each.slug),
            "current": each is overseen.territory,
        }
        for each in overseen.among
    ]
    return tabs if len(tabs) > 1 else []


def _figures(week: Week) -> list[tuple[str, str]]:
    """Say the figures of the coming week, each with what it counts."""
    opened, idle = week.kitchens.opened, week.kitchens.idle
    share = round(100 * idle / opened) if opened else 0
    asked = _n("and %(num)s request without an answer", "and %(num)s requests without an answer", week.asked)
    unknown = _("No kitchen with opening hours is shared yet.")
    known = _(
        "Out of %(opened)s of opening hours (%(share)s %%), closures left out: nobody is there, and nobody cleans.",
        opened=_hours(opened),
        share=share,
    )
    return [
        (_n("%(num)s booking accepted", "%(num)s bookings accepted", week.granted), asked),
        (
            _("%(hours)s booked", hours=_hours(week.seconds)),
            _("Of what is lent by the hour, all places together."),
        ),
        (_("%(hours)s of idle kitchens", hours=_hours(idle)), known if week.kitchen_count else unknown),
    ]


def _hours(seconds: int) -> str:
    return _("%(hours)s h", hours=round(seconds / 3600))


def _absences(chosen: Territory) -> list[dict[str, Any]]:
    """List who missed so much that their requests are answered by hand, and where each absence can be forgiven."""
    actor = current_actor()
    return [
        {
            "organisation": organisation.name,
            "href": f"/structures/{organisation.slug}",
            "count": _n("%(num)s absence that counts", "%(num)s absences that count", len(missed)),
            "missed": [
                {
                    "href": page_of(each) if can(actor, BookingPermission.FORGIVE, each) else "",
                    "resource": each.resource.name,
                    "when": span_words(each.span, each.resource.site.timezone),
                }
                for each in missed
            ],
        }
        for organisation, missed in missed_too_often(chosen.id)
    ]


def _food_aid(chosen: Territory) -> list[dict[str, Any]]:
    """List who does food aid and lacks its authorisation, has it not for long, or waits for the coordination's yes."""
    today = to_wall(clock.now(), ZoneInfo(chosen.timezone)).date()
    return [
        {
            "name": each.organisation.name,
            "href": url_for("accounts.authorisation", slug=each.organisation.slug),
            "words": standing_words(each.standing),
            "waits": each.waiting is not None,
        }
        for each in overseen_food_aid(chosen.id, today)
    ]


def _ages(waiting: Mapping[str, Sequence[Waiting]], chosen: Territory) -> list[dict[str, Any]]:
    """Group requests by how long they wait, those that wait longest first; all of a group where that was asked for."""
    opened = request.args.get("attente", "")
    titles = {
        LATE: _("For more than three days"),
        WAITING: _("For one to three days"),
        FRESH: _("For less than a day"),
    }
    return [
        {
            "key": key,
            "title": title,
            "total": len(waiting[key]),
            "lines": [_line(each) for each in waiting[key][: None if opened == key else MOST_LINES]],
            "more": 0 if opened == key else max(0, len(waiting[key]) - MOST_LINES),
            "href": url_for(
                "reports.territory", territoire=chosen.slug, attente=key, _anchor=f"waiting-{key}"
            ),
        }
        for key, title in titles.items()
        if waiting.get(key)
    ]


def _line(each: Waiting) -> dict[str, Any]:
    waited = int((clock.now() - each.since).total_seconds()) // 60
    return {
        "href": f"/reservations/{each.ref}",
        "resource": each.resource,
        "site": each.site,
        "site_href": f"/lieux/{each.site_slug}",
        "organisation": each.organisation,
        "when": span_words(each.span, each.timezone),
        "waited": duration(_rounded(waited)),
        "phone": each.phone,
    }


def _rounded(minutes: int) -> int:
    """Tell a long time in whole hours, a very long one in whole days."""
    unit = 1440 if minutes >= 2 * 1440 else 60 if minutes >= 60 else 1
    return minutes // unit * unit


def _map(chosen: Territory, places: Sequence[Place]) -> dict[str, Any] | None:
    """Draw the communes with their places; names that would touch are put on different sides."""
    codes = [str(code) for code in chosen.communes or []]
    drawn = drawn_map(_("The places of the territory"), codes, list(map(_spot, places))) if places else None
    above: list[dict[str, Any]] = []
    for place in drawn["places"] if drawn else ():
        near = [
            each
            for each in above
            if abs(each["x"] - place["x"]) < _WIDE and abs(each["y"] - place["y"]) < _HIGH
        ]
        place["up"] = place["up"] or (bool(near) and not any(each["up"] for each in near))
        above.append(place)
    return drawn


def _spot(place: Place) -> Spot:
    commune = find_commune(place.commune_code)
    name = commune.name if commune else place.name
    return Spot(name, place.lat, place.lon, place.shared, f"/lieux/{place.slug}")
