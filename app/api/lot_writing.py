"""Lots and hand-over notes as the API answers them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app.accounts.models import Organisation
from app.api.instants import write_instant
from app.api.writing import Json, absolute
from app.core.policy import can
from app.supply.lots.models import Handover, Lot
from app.supply.lots.policy import LotPermission
from app.supply.lots.queries import Found, lines_of, made_of, sources_of
from app.supply.lots.words import origin_words, place_words, receiver_words
from app.web.identity import current_actor


def write_lot(found: Found) -> Json:
    """Write a lot."""
    lot = found.lot
    return {
        "ref": lot.public_id,
        "state": lot.state,
        "product": lot.product,
        "regime": lot.regime,
        "grams": lot.grams,
        "left": found.free,
        "waiting": found.waiting,
        "blocked": found.is_blocked,
        "organisation": _named(lot.organisation),
        "origin": origin_words(lot),
        "place": place_words(lot) or None,
        "use_by": lot.use_by.isoformat() if lot.use_by else None,
        "best_before": lot.best_before.isoformat() if lot.best_before else None,
        "received_on": lot.received_on.isoformat(),
        "url": absolute(f"/lots/{lot.public_id}"),
    }


def write_steps(found: Found) -> Json:
    """Write a lot with one step back and one forward."""
    return write_lot(found) | {"back": _back(found.lot), "forward": _forward(found.lot)}


def _lot_ref(lot: Lot, beside: Lot) -> str | None:
    """Name a lot to who may see it, or had the one `beside` it: who only keeps that learns no more than what it was."""
    actor = current_actor()
    is_named = can(actor, LotPermission.KEEP, beside) or can(actor, LotPermission.SEE, lot)
    return lot.public_id if is_named else None


def _note_ref(note: Handover) -> str | None:
    """Name a note to its sides: who only keeps a lot is on neither."""
    return note.public_id if can(current_actor(), LotPermission.SEE_NOTE, note) else None


def _back(lot: Lot) -> list[Json]:
    return [
        {
            "lot": _lot_ref(each.source, lot),
            "handover": _note_ref(each.line.handover) if each.line else None,
            "state": each.line.handover.state if each.line else None,
            "organisation": each.source.organisation.name,
            "grams": each.grams,
        }
        for each in sources_of(lot.id)
    ]


def _forward(lot: Lot) -> list[Json]:
    made = [
        {
            "lot": _lot_ref(each.lot, lot),
            "handover": None,
            "state": None,
            "organisation": lot.organisation.name,
            "grams": each.grams,
        }
        for each in made_of(lot.id)
    ]
    handed = [
        {
            "lot": None,
            "handover": _note_ref(line.handover),
            "state": line.handover.state,
            "organisation": receiver_words(line.handover),
            "grams": line.moved_grams,
        }
        for line in lines_of(lot.id)
    ]
    return [*made, *handed]


def write_handover(note: Handover) -> Json:
    """Write a hand-over note."""
    zone = ZoneInfo(note.territory.timezone)
    return {
        "ref": note.public_id,
        "state": note.state,
        "giver": _named(note.giver),
        "to": _named(note.receiver) if note.receiver else None,
        "people": note.people,
        "at": write_instant(note.at, zone),
        "temperature": note.tenths,
        "temperature_received": note.received_tenths,
        "packages": note.packages,
        "food_aid": note.is_food_aid,
        "lines": [
            {
                "lot": line.lot.public_id,
                "product": line.lot.product,
                "grams": line.grams,
                "received": line.received_grams,
            }
            for line in note.lines
        ],
        "given": _signed(note.given_at, note.given_digest, zone),
        "received": _signed(note.received_at, note.received_digest, zone),
        "url": absolute(f"/remises/{note.public_id}"),
    }


def _signed(at: datetime | None, digest: str | None, zone: ZoneInfo) -> Json | None:
    return {"at": write_instant(at, zone), "digest": digest} if at else None


def _named(organisation: Organisation) -> Json:
    return {"id": organisation.public_id, "slug": organisation.slug, "name": organisation.name}
