"""What accounts ask of this room: the links a person reads calendars by."""

from typing import Any

from sqlalchemy import select

from app.accounts.asks import gives_own
from app.accounts.queries.own import write_instant
from app.calendars.audiences import Scope
from app.calendars.models import Subscription
from app.calendars.queries import subjects
from app.infra.db import db


@gives_own("calendar_links")
def links_of(person_id: int) -> list[dict[str, Any]]:
    """Tell of somebody's links, ended ones too; not their addresses, which open what they show."""
    links = db.session.scalars(
        select(Subscription).filter_by(person_id=person_id).order_by(Subscription.id)
    ).all()
    names = {
        scope: subjects(scope, {link.scope_id for link in links if link.scope == scope})
        for scope in Scope
        if any(link.scope == scope for link in links)
    }
    return [_told(link, names[Scope(link.scope)][link.scope_id].name) for link in links]


def _told(link: Subscription, name: str) -> dict[str, Any]:
    return {
        "calendar_of": link.scope,
        "name": name,
        "tells_as": link.audience,
        "made_at": write_instant(link.created_at),
        "last_read_at": write_instant(link.last_fetched_at),
        "last_read_by": link.last_client,
        "ended_at": write_instant(link.revoked_at),
    }
