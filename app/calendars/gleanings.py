"""A gleaning as a file for the calendar of who comes."""

from flask import current_app
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.calendars.rules import FeedEvent, FeedHead, Klass, Status, assemble, render_event
from app.calendars.views import as_file, blueprint
from app.supply.gleanings.models import Gleaning
from app.supply.gleanings.policy import GleaningPermission
from app.supply.gleanings.queries import Viewed
from app.supply.gleanings.rules import State
from app.supply.gleanings.views.loading import seen
from app.supply.gleanings.words import gleaning_facts, title_words
from app.supply.offers.words import place_words
from app.web.guards import allowed
from config import Config


@blueprint.get("/glanages/<ref>.ics")
@allowed(GleaningPermission.SEE, load=seen)
def save_gleaning(viewed: Viewed) -> Response:
    """Give one gleaning as a file for one's own calendar."""
    config: Config = current_app.config["MUTUALIM"]
    event = _event(viewed.gleaning, config)
    head = FeedHead(name=event.summary, url=event.url, zone=event.zone)
    return as_file(assemble(head, [render_event(event)]).body, f"glanage-{viewed.gleaning.public_id}")


def _event(gleaning: Gleaning, config: Config) -> FeedEvent:
    phone = gleaning.organisation.phone
    rows = [(label, text) for label, text, _icon in gleaning_facts(gleaning)]
    told = [*rows, (_("Phone"), phone)] if phone else rows
    return FeedEvent(
        uid=f"gleaning-{gleaning.public_id}@{config.uid_host}",
        revision=gleaning.revision,
        changed_at=gleaning.changed_at,
        start=gleaning.start_at,
        end=gleaning.end_at,
        zone=gleaning.territory.timezone,
        all_day=False,
        status=Status.CANCELLED if gleaning.state == State.CANCELLED else Status.CONFIRMED,
        transparent=False,
        summary=title_words(gleaning),
        location=", ".join(piece for piece in (gleaning.meeting_point, place_words(gleaning)) if piece),
        url=f"{config.base_url}/glanages/{gleaning.public_id}",
        klass=Klass.PRIVATE,
        description="\n".join(_("%(fact)s: %(value)s", fact=label, value=text) for label, text in told),
    )
