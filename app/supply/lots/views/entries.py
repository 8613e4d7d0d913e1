"""The ways to this room from pages of the rooms below, which ask for them by name in their templates."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.accounts.models import Organisation
from app.bookings.models import Booking
from app.bookings.rules import LIVE
from app.catalogue.models import Resource, Site
from app.core import clock
from app.core.policy import can
from app.supply.lots import queries
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.queries import STORAGE
from app.supply.lots.views import blueprint
from app.supply.lots.views.cards import caution_line, incident_line, note_lines, todo_line
from app.web.identity import current_actor


def readings_url(resource: Resource) -> str | None:
    """Give the address of the temperatures of a storage place; None for what stores nothing."""
    return url_for("lots.readings", slug=resource.slug) if resource.kind == STORAGE else None


def incidents_of_resource(resource: Resource) -> list[dict[str, Any]]:
    """Write the open incidents of a storage place, for who may know of them."""
    actor = current_actor()
    if resource.kind != STORAGE or not actor.is_signed_in:
        return []
    return [incident_line(each) for each in queries.open_incidents_at(resource.id, actor)]


def incidents_of_site(site: Site) -> list[dict[str, Any]]:
    """Write the open incidents of the places of a site, for its page on which it is managed."""
    return [incident_line(each) for each in queries.open_incidents_on(site.id)]


def incidents_to_close() -> list[dict[str, Any]]:
    """Write the open incidents that whoever asks answers for."""
    return [incident_line(each) for each in queries.incidents_to_close(current_actor())]


def cautions_at(resource: Resource) -> list[dict[str, str]]:
    """Warn whoever can ask for a storage place while its cold chain is broken, with no word of whose lots are there."""
    if resource.kind != STORAGE or not current_actor().is_signed_in:
        return []
    return [caution_line(each) for each in queries.open_incidents_in(resource.id)]


def cautions_for(booking: Booking) -> list[dict[str, str]]:
    """Warn whoever has a storage place now or later, or has asked for it."""
    is_ahead = booking.decision in LIVE and booking.end_at > clock.now()
    return cautions_at(booking.resource) if is_ahead else []


def cautions_booked() -> list[dict[str, str]]:
    """Warn of all places that the reader has now or later."""
    return [caution_line(each) for each in queries.open_incidents_booked(current_actor())]


def lots_to_do() -> list[dict[str, str]]:
    """Write what waits for the reader: incidents to close, notes to sign, to receive, or to say what came back of."""
    actor = current_actor()
    notes = note_lines(queries.open_notes(actor), actor) if actor.memberships else []
    return [
        *(todo_line(each | {"act": _("Close the incident")}, "warning") for each in incidents_to_close()),
        *(todo_line(each, "edit") for each in notes if each["act"]),
    ]


def pack_url(organisation: Organisation) -> str | None:
    """Give the address of the page where its members prepare what they show to whoever checks."""
    if not can(current_actor(), P.PREPARE_PACK, organisation):
        return None
    return url_for("lots.pack", slug=organisation.slug)


_OFFERED = (
    *(readings_url, pack_url, incidents_of_resource, incidents_of_site, incidents_to_close),
    *(cautions_at, cautions_for, cautions_booked, lots_to_do),
)
blueprint.app_context_processor(lambda: {each.__name__: each for each in _OFFERED})
