"""Answers written by hand as plain dictionaries: checking them twice would cost more than finding them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, current_app, url_for
from pydantic_core import to_json

from app.accounts.words import person_name
from app.api.instants import write_instant, write_maybe
from app.availability.alternatives import Alternative
from app.availability.cards import commune_name
from app.availability.queries import instant
from app.availability.rules import Terms
from app.availability.search import Hit
from app.availability.shown import Shown
from app.bookings.bundles import Whole
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission as P
from app.bookings.recalls import stretches_of, was_called_back
from app.bookings.rules import APPROVALS_NEEDED, APPROVED, DECISION, USE, goes_on, may_tell_absence
from app.catalogue.kinds import get_kind
from app.catalogue.models import Approval
from app.core import clock
from app.core.policy import Actor, can
from app.core.span import Span
from app.payments.tariffs.estimating import Estimate
from config import Config

CURRENCY = "EUR"
_EPOCHS = {"from", "to", "until", "must_end_by"}
_INTERNAL = {"holds", "hold_id", "resource_id", "organisation_id", "signed_in", "field"}
_ACTS = {"approve": P.DECIDE, "refuse": P.DECIDE, "cancel": P.CANCEL}
Json = dict[str, Any]


def answer(body: Json, status: int = 200, **headers: str) -> Response:
    """Make a JSON answer; names of headers are written with underscores."""
    response = current_app.response_class(to_json(body), status, mimetype="application/json")
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def window(span: Span, zone: ZoneInfo) -> Json:
    """Write a span with the offsets of a place."""
    return {"start": write_instant(span.start, zone), "end": write_instant(span.end, zone)}


def absolute(path: str) -> str:
    """Write the address of a page of this installation."""
    config: Config = current_app.config["MUTUALIM"]
    return config.base_url + path


# -- resources ----------------------------------------------------------------------------------------------


def resource(shown: Shown, km: float | None, next_free: Span | None) -> Json:
    """Write a resource as lists show it."""
    kind = get_kind(shown.kind)
    public = {fact.key for fact in kind.facts if fact.public}
    price = {"cents": shown.price_cents, "currency": CURRENCY, "per": shown.price_per}
    return {
        "id": shown.public_id,
        "slug": shown.slug,
        "name": shown.name,
        "kind": shown.kind,
        "subtype": shown.subtype,
        "status": shown.status,
        "site": _site(shown),
        "km": None if km is None else round(km, 3),
        "capacity": shown.capacity,
        "unit": shown.unit,
        "mode": shown.mode,
        "facts": {key: value for key, value in shown.facts.items() if key in public},
        "price": price if shown.price_cents else None,
        "next_free": window(next_free, ZoneInfo(shown.timezone)) if next_free else None,
        "url": absolute(f"/ressources/{shown.slug}"),
    }


def _site(shown: Shown) -> Json:
    return {
        "slug": shown.site_slug,
        "name": shown.site_name,
        "address": shown.address,
        "postcode": shown.postcode,
        "commune": {"code": shown.commune_code, "name": commune_name(shown.commune_code)},
        "lat": shown.lat,
        "lon": shown.lon,
        "timezone": shown.timezone,
        "owner": {"name": shown.owner_name},
    }


def resource_page(
    hits: Sequence[Hit], shown: Mapping[int, Shown], free: Mapping[int, Span], next_cursor: str | None
) -> Json:
    """Write one page of resources."""
    items = [
        resource(shown[hit.resource_id], hit.km, free.get(hit.resource_id))
        for hit in hits
        if hit.resource_id in shown
    ]
    return {"items": items, "next_cursor": next_cursor}


def detail(shown: Shown, terms: Terms, next_free: Span | None, tariff: Json | None) -> Json:
    """Write a resource with all that its page says, and the tariff in force."""
    return {
        **resource(shown, None, next_free),
        "description": shown.description,
        "house_rules": shown.house_rules,
        "packs": dict(terms.packs),
        "quota": _quota(terms),
        "parts": [{"name": part.name, "quantity": part.qty} for part in terms.parts],
        "hours": {
            "expression": terms.expression,
            "school_zone": terms.school_zone,
            "binds": terms.opening_mode,
        },
        "terms": {
            "step": terms.step,
            "min_length": terms.min_length,
            "max_length": terms.max_length,
            "buffer_before": terms.before,
            "buffer_after": terms.after,
            "notice": terms.notice,
            "horizon_days": terms.horizon_days,
            "windows": shown.windows,
            "approval": shown.approval,
            "auto_up_to": shown.auto_up_to if shown.approval == Approval.AUTO_FOR_MEMBERS else None,
            "auto_hours": shown.auto_hours,
            "answer_hours": shown.answer_hours,
            "holds_request": shown.holds_request,
            "free_cancel_hours": shown.free_cancel_hours,
            "late_cancel_percent": shown.late_cancel_percent,
        },
        "tariff": tariff,
    }


def estimate(found: Estimate | None) -> Json | None:
    """Write what a use would cost; null where nothing is reckoned."""
    if found is None:
        return None
    return {
        "cents": found.cents,
        "borne_cents": found.borne_cents,
        "in_kind_cents": found.in_kind_cents,
        "currency": found.currency,
        "later": [{"meter": each.meter.value, "unit_cents": each.unit_cents} for each in found.later],
    }


def _quota(terms: Terms) -> Json | None:
    """Write how a capacity is shared, as the caller sees it; null where organisations have no quotas."""
    if terms.quotas is None:
        return None
    own = terms.quotas.share_of(terms.asker.organisation_id)
    others = terms.quotas.others(terms.asker.organisation_id)
    return {
        "own": own,
        "others": others,
        "common": terms.capacity - own - others,
        "lend_days": terms.quotas.lend_days,
        "recall_hours": terms.quotas.recall_hours,
    }


# -- bookings -----------------------------------------------------------------------------------------------


def booking(found: Booking, actor: Actor) -> Json:
    """Write a booking as its parties may read it, with what the caller may do now."""
    place, zone = found.resource, ZoneInfo(found.resource.site.timezone)
    organisation = found.organisation
    return {
        "ref": found.ref,
        "state": found.decision,
        "use": found.use,
        "resource": {"id": place.public_id, "slug": place.slug, "name": place.name, "kind": place.kind},
        "site": {"slug": place.site.slug, "name": place.site.name, "timezone": place.site.timezone},
        "organisation": {"id": organisation.public_id, "slug": organisation.slug, "name": organisation.name},
        "requester": {"name": person_name(found.requester.name)},
        **window(found.span, zone),
        "quantity": found.quantity,
        "packed": _packed(found),
        "given_back": [
            {**window(stretch, zone), "quantity": units} for stretch, units in stretches_of(found)
        ],
        "recalls": found.recalls,
        "is_recalled": was_called_back(found),
        "purpose": found.purpose,
        "people": found.people,
        "reason": found.reason,
        "decided_by": {"name": person_name(found.decided_by.name)} if found.decided_by else None,
        "decided_for": {"name": person_name(found.decided_for.name)} if found.decided_for else None,
        "decided_at": write_maybe(found.decided_at, zone),
        "expires_at": write_maybe(found.expires_at, zone),
        "created_at": write_instant(found.created_at, zone),
        "changed_at": write_instant(found.changed_at, zone),
        "revision": found.revision,
        "series": _series(found),
        "approvals": _approvals(found),
        "bundle": {"ref": found.bundle.ref, "leg": found.leg_number} if found.bundle else None,
        "proposal": _proposal(found),
        "cancelling": {
            "free_until": write_maybe(found.free_until, zone),
            "late_percent": found.late_percent,
            "due_percent": found.due_percent,
            "moved_late_percent": found.moved_late_percent,
        },
        "acts": _acts(found, actor),
        "url": absolute(f"/reservations/{found.ref}"),
    }


def _packed(found: Booking) -> Json | None:
    """Write what is brought in a smaller unit, and what room it leaves."""
    pack = found.pack
    return {"unit": pack.unit, "number": pack.number, "room_left": pack.room_left} if pack else None


def _series(found: Booking) -> Json | None:
    series = found.series or found.elsewhere_of
    if series is None or found.recurrence_id is None:
        return None
    elsewhere = found.elsewhere_of is not None
    return {"ref": series.ref, "day": found.recurrence_id.isoformat(), "elsewhere": elsewhere}


def _approvals(found: Booking) -> Json | None:
    if found.resource.approval != Approval.TWO_STEP and not found.approvals:
        return None
    return {"given": len(found.approvals), "needed": APPROVALS_NEEDED}


def bundle(whole: Whole, actor: Actor) -> Json:
    """Write a bundle, with the legs the caller may read."""
    found, organisation = whole.bundle, whole.bundle.organisation
    zone = ZoneInfo(whole.shown[-1].resource.site.timezone)
    legs = [leg for leg in (*whole.legs, *whole.aside) if can(actor, P.SEE, leg)]
    return {
        "ref": found.ref,
        "state": whole.state.value,
        "accepted": whole.accepted,
        "size": len(whole.legs),
        "organisation": {"id": organisation.public_id, "slug": organisation.slug, "name": organisation.name},
        "requester": {"name": person_name(found.requester.name)},
        "purpose": found.purpose,
        "people": found.people,
        "in_order": found.in_order,
        "handover_at": write_maybe(found.handover_at, zone),
        "expires_at": write_maybe(whole.ends_at, zone),
        "created_at": write_instant(found.created_at, ZoneInfo(whole.shown[0].resource.site.timezone)),
        "legs": [booking(leg, actor) for leg in legs],
        "url": absolute(f"/demandes/{found.ref}"),
    }


def _proposal(found: Booking) -> Json | None:
    """Write the slot that is proposed instead and waits for the asker's answer."""
    proposal = found.proposal
    if proposal is None:
        return None
    place, zone = proposal.resource, ZoneInfo(proposal.resource.site.timezone)
    return {
        "ref": proposal.ref,
        "resource": {"id": place.public_id, "slug": place.slug, "name": place.name, "kind": place.kind},
        **window(proposal.span, zone),
        "quantity": proposal.quantity,
        "message": proposal.message,
        "is_binding": proposal.is_binding,
        "expires_at": write_instant(proposal.expires_at, zone),
    }


def _acts(found: Booking, actor: Actor) -> list[str]:
    decided = [
        act
        for act, permission in _ACTS.items()
        if DECISION.allows(act, found.decision)
        and can(actor, permission, found)
        and not (act == "cancel" and not goes_on(found.use, found.end_at, clock.now()))
    ]
    return [*decided, *_more_acts(found, actor)]


def _more_acts(found: Booking, actor: Actor) -> list[str]:
    """List what may be done about a proposal that waits, and about nobody having come."""
    if found.proposal and can(actor, P.ANSWER_PROPOSAL, found):
        return ["accept_proposal", "decline_proposal"]
    is_over = found.decision == APPROVED and USE.allows("miss", found.use)
    may_tell = is_over and may_tell_absence(found.span, clock.now()) and can(actor, P.DECIDE, found)
    return ["tell_absence"] if may_tell else []


def booking_address(ref: str) -> str:
    """Give the address of a booking in the API."""
    return url_for("api.get_booking", ref=ref)


def bundle_address(ref: str) -> str:
    """Give the address of a bundle in the API."""
    return url_for("api.get_bundle", bundle_ref=ref)


# -- refusals -----------------------------------------------------------------------------------------------


def facts(given: Mapping[str, Any], zone: ZoneInfo) -> Json:
    """Write the facts of an error for programs: instants with an offset, no internal numbers."""
    return {key: _fact(key, value, zone) for key, value in given.items() if key not in _INTERNAL}


def _fact(key: str, value: Any, zone: ZoneInfo) -> Any:
    if key in _EPOCHS and isinstance(value, int):
        value = instant(value)
    if isinstance(value, datetime):  # a naive one is the wall clock of the place
        return write_instant(value if value.tzinfo else value.replace(tzinfo=zone), zone)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_fact("", each, zone) for each in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def alternative(offer: Alternative, shown: Shown, zone: ZoneInfo) -> Json:
    """Write another way with the same resource."""
    return {
        "kind": offer.kind,
        "resource": name_of(shown),
        **window(offer.span, zone),
        "quantity": offer.qty,
        "free": offer.free,
        "km": None,
    }


def similar(hit: Hit, shown: Shown, span: Span, quantity: int) -> Json:
    """Write the same time in another resource."""
    km = None if hit.km is None else round(hit.km, 3)
    times = window(span, ZoneInfo(shown.timezone))
    return {
        "kind": "similar",
        "resource": name_of(shown),
        **times,
        "quantity": quantity,
        "free": None,
        "km": km,
    }


def name_of(shown: Shown) -> Json:
    """Name a resource, as every answer does."""
    return {"id": shown.public_id, "slug": shown.slug, "name": shown.name, "kind": shown.kind}
