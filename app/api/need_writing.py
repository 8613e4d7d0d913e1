"""Needs as the API answers them."""

from zoneinfo import ZoneInfo

from app.api.instants import write_instant
from app.api.writing import Json, absolute
from app.supply.needs.models import Need


def write_need(need: Need) -> Json:
    """Write a need."""
    zone, ours = ZoneInfo(need.territory.timezone), need.organisation
    return {
        "ref": need.public_id,
        "state": need.state,
        "sort": need.sort,
        "product": need.product,
        "category": need.category,
        "grams": need.grams,
        "regime": need.regime,
        "kind": need.kind,
        "quantity": need.quantity,
        "first_day": need.first_day.isoformat() if need.first_day else None,
        "last_day": need.last_day.isoformat() if need.last_day else None,
        "start_time": need.start_time,
        "end_time": need.end_time,
        "where": {"commune_code": need.commune_code, "radius_km": need.radius_km},
        "end": write_instant(need.until_at, zone),
        "note": need.note,
        "organisation": {"id": ours.public_id, "slug": ours.slug, "name": ours.name},
        "created_at": write_instant(need.created_at, zone),
        "url": absolute(f"/besoins/{need.public_id}"),
    }
