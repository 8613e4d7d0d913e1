"""Where a chain is prepared, with what is known of it filled in: from an offer, a gleaning, a need."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for

from app.catalogue.naming import label_of
from app.core.span import to_wall
from app.supply.cargo import KILO, Cargo
from app.supply.chains.forms import BROUGHT, ELSEWHERE
from app.supply.chains.models import ChainDraft
from app.supply.chains.planning.world import DAYTIME
from app.supply.chains.rules import first_and_last


def prepare_url(
    product: str,
    cargo: Cargo,
    *,
    commune: str,
    place: str,
    from_at: datetime,
    until_at: datetime,
    zone: ZoneInfo,
    **more: str,
) -> str:
    """Give the address of the page that proposes chains for a cargo.

    It can be collected at a place (in words) in a commune (its code) between two instants; `more` is what else
    the form is filled with: `part`, the public reference of the part of an offer it is, `offre` that of an offer of who
    asks.
    """
    since, until = to_wall(from_at, zone), to_wall(until_at, zone)
    fields = {
        "produit": product,
        "kilos": f"{cargo.grams / KILO:g}",
        "conditionnement": cargo.packaging,
        "par": f"{cargo.per_package / KILO:g}",
        "temperature": cargo.regime,
        "commune": label_of(commune) or commune,
        "lieu": place,
        "date": since.date().isoformat(),
        "de": f"{since:%H:%M}",
        "fin": until.date().isoformat(),
        "a": f"{until:%H:%M}",
    }
    given: dict[str, Any] = {name: value for name, value in (fields | more).items() if value}
    return url_for("chains.prepare", **given)


def prepare_draft_url(draft: ChainDraft, grams: int) -> str:
    """Give the address of the page that proposes chains for so much of a draft: by day, its two ends are no hours."""
    zone = ZoneInfo(draft.organisation.territory.timezone)
    from_at, until_at = first_and_last(draft.from_at, draft.until_at, DAYTIME, zone)
    return prepare_url(
        draft.product,
        draft.cargo.of(grams),
        commune=draft.commune_code,
        place=draft.place,
        from_at=from_at,
        until_at=until_at,
        zone=zone,
        brouillon=draft.public_id,
        **_brought(draft, zone),
    )


def _brought(draft: ChainDraft, zone: ZoneInfo) -> dict[str, str]:
    """Say where a draft goes, and by when: to a place of one's own, or to the commune of another's."""
    site, by = draft.to_site, to_wall(draft.by_at, zone) if draft.by_at else None
    if site is None:
        return {}
    is_own = site.owner_id == draft.organisation_id
    where = (
        {"vers": site.public_id}
        if is_own
        else {"vers": ELSEWHERE, "vers_commune": label_of(site.commune_code)}
    )
    when = {"jour": by.date().isoformat(), "heure": f"{by:%H:%M}"} if by else {}
    return {"pour": BROUGHT} | {name: text or "" for name, text in where.items()} | when
