"""Lots, hand-over notes and temperatures through the API, to write: entered, stored, handed over and signed for.

A program signs as the person of its token, for an organisation of theirs and for no other.
"""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from flask import Response, g, url_for

from app.api import writing
from app.api.instants import write_instant
from app.api.lot_answers import HandoverAnswer, LotWithSteps, Reading
from app.api.lot_requests import (
    HandoverBody,
    LinePart,
    LotBody,
    ReadingBody,
    ReceiptBody,
    RefusalBody,
    StoreBody,
)
from app.api.lot_writing import write_handover, write_steps
from app.api.openapi import PERSONAL, api, says
from app.api.queries import get_organisation_id
from app.api.reading import read_resource
from app.api.requests import EmptyBody, KeyHeader
from app.api.views import blueprint
from app.api.views.bookings import own_organisation
from app.api.views.lots import seen_lot, seen_note
from app.api.views.resources import seen as resource_seen
from app.catalogue.models import Resource
from app.catalogue.policy import CataloguePermission
from app.core.errors import Forbidden, NotFound
from app.supply.cargo import Packaging, Regime
from app.supply.lots import queries, service
from app.supply.lots.errors import NotOurLot
from app.supply.lots.models import Handover, Lot
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.views.loading import find_seen_chain, seen_store
from app.web.guards import View, allowed
from app.web.identity import current_actor

_LOT = {"lot_ref": "Reference of the lot."}
_NOTE = {"note_ref": "Reference of the hand-over note."}


def seen_place(name: str) -> Resource:
    """Find the storage place of this name for the caller; raise NotFound, also for any other resource."""
    if not current_actor().is_signed_in:
        raise Forbidden(signed_in=False)
    return seen_store(resource_seen(name).slug)


@blueprint.post("/lots")
@allowed(P.ENTER)
@api.validate(
    resp=says(LotWithSteps, 403, 404, 409, created=True), tags=["lots"], security=PERSONAL,
    operation_id="enterLot",
)  # fmt: skip
def enter_lot(json: LotBody, headers: KeyHeader) -> Response:
    """Enter what an organisation has. 409 `place_unfit` where it would not be kept as it has to be, `lot_twice` where
    those of its chain are more than it carries by that.

    Sent again with the same `Idempotency-Key` it is one lot.
    """
    ours = own_organisation(json.organisation)
    chain = find_seen_chain(json.chain) if json.chain else None
    if json.chain and chain is None:
        raise NotFound(kind="chain")
    origin_id = get_organisation_id(json.origin_organisation) if json.origin_organisation else None
    new = service.NewLot(
        product=json.product, grams=json.grams, regime=Regime(json.regime),
        received_on=json.received_on,
        packaging=Packaging(json.packaging) if json.packaging else None, per_package=json.per_package,
        origin_id=origin_id, origin=json.origin, use_by=json.use_by, best_before=json.best_before,
        resource_id=_place_id(json.resource), note=json.note,
        bundle_id=chain[0].id if chain else None, surplus_claim_ref=chain[1].surplus_claim_ref if chain else None,
    )  # fmt: skip
    lot = service.enter(current_actor(), ours.id, new, headers.key, is_more=json.is_more)
    return _lot_shown(lot, 201, Location=url_for("api.get_lot", lot_ref=lot.public_id))


@blueprint.post("/lots/<lot_ref>/store")
@allowed(P.KEEP, load=seen_lot)
@api.validate(
    resp=says(LotWithSteps, 403, 404, 409), tags=["lots"], security=PERSONAL, operation_id="storeLot",
    path_parameter_descriptions=_LOT,
)  # fmt: skip
def store_lot(lot: Lot, json: StoreBody) -> Response:
    """Say in which storage place a lot is now."""
    service.store(current_actor(), lot.id, _place_id(json.resource))
    return _lot_shown(lot)


@blueprint.post("/handovers")
@allowed(P.ENTER)
@api.validate(
    resp=says(HandoverAnswer, 403, 404, 409, created=True), tags=["lots"], security=PERSONAL,
    operation_id="draftHandover",
)  # fmt: skip
def draft_handover(json: HandoverBody, headers: KeyHeader) -> Response:
    """Write a hand-over note: what it hands over is nobody else's from now on, and it waits for its signatures.

    Sent again with the same `Idempotency-Key` it is one note.
    """
    new = service.NewNote(
        giver_id=own_organisation(json.organisation).id, lots=_grams(json.lots),
        receiver_id=get_organisation_id(json.to) if json.to else None, people=json.people,
        tenths=json.temperature, packages=json.packages, at=json.at, is_food_aid=json.food_aid, note=json.note,
    )  # fmt: skip
    note = service.draft(current_actor(), new, headers.key)
    address = url_for("api.get_handover", note_ref=note.public_id)
    return writing.answer(write_handover(note), 201, Location=address)


def _on_note(act: str, permission: P, operation_id: str) -> Callable[[View], View]:
    """Give an act on a note that the caller sees its address, its guard and its description."""

    def shared(view: View) -> View:
        described = api.validate(
            resp=says(HandoverAnswer, 403, 404, 409), tags=["lots"], security=PERSONAL, operation_id=operation_id,
            path_parameter_descriptions=_NOTE,
        )(view)  # fmt: skip
        guarded: View = allowed(permission, load=seen_note)(described)
        return blueprint.post(f"/handovers/<note_ref>/{act}")(guarded)

    return shared


@_on_note("give", P.GIVE, "giveHandover")
def give(note: Handover, json: EmptyBody) -> Response:  # noqa: ARG001  # read, so that it is checked
    """Sign that it was handed over; what goes to people is over with that."""
    service.give(current_actor(), note.id, _signature())
    return writing.answer(write_handover(note))


@_on_note("receive", P.RECEIVE, "receiveHandover")
def receive(note: Handover, json: ReceiptBody) -> Response:
    """Sign that it came, all of it or less: what came is a lot of the receiver's from now on."""
    _refuse_for_others(note)
    receipt = service.Receipt(_signature(), _came(note, json.lots), json.reason, json.temperature)
    service.receive(current_actor(), note.id, receipt)
    return writing.answer(write_handover(note))


@_on_note("refuse", P.RECEIVE, "refuseHandover")
def refuse_handover(note: Handover, json: RefusalBody) -> Response:
    """Take nothing of it, with a reason: all of it stays with the giver, blocked where it came too warm."""
    _refuse_for_others(note)
    receipt = service.Receipt(_signature(), None, json.reason, json.temperature)
    service.refuse(current_actor(), note.id, receipt)
    return writing.answer(write_handover(note))


@blueprint.post("/resources/<name>/readings")
@allowed(CataloguePermission.MANAGE_SITE, load=seen_place)
@api.validate(
    resp=says(Reading, 403, 404, 409, created=True), tags=["lots"], security=PERSONAL,
    operation_id="noteReading", path_parameter_descriptions={"name": "Public id or slug of the storage place."},
)  # fmt: skip
def note_reading(place: Resource, json: ReadingBody, headers: KeyHeader) -> Response:
    """Note how warm a storage place is now; an `alarm` opens an incident that blocks the lots in it.

    Sent again with the same `Idempotency-Key` it is one reading.
    """
    reading = service.read(current_actor(), place.id, json.temperature, headers.key)
    written = {
        "resource": {"id": place.public_id, "slug": place.slug, "name": place.name, "kind": place.kind},
        "at": write_instant(reading.at, ZoneInfo(place.site.timezone)),
        "temperature": reading.tenths,
        "verdict": reading.verdict,
    }
    return writing.answer(written, 201)


def _place_id(name: str | None) -> int | None:
    return read_resource(name, current_actor()).id if name else None


def _grams(parts: Sequence[LinePart]) -> dict[int, int]:
    """Give how much of each lot, by the ids of those the caller's organisations see; raise NotFound."""
    return {seen_lot(each.lot).id: each.grams for each in parts}


def _came(note: Handover, parts: Sequence[LinePart]) -> dict[int, int]:
    """Give how much came of each lot of a note; raise NotFound for what is not on it."""
    known = {line.lot.public_id: line.lot_id for line in note.lines}
    if any(each.lot.upper() not in known for each in parts):
        raise NotFound(kind="lot")
    return {known[each.lot.upper()]: each.grams for each in parts}


def _signature() -> str:
    return str(g.account.name)


def _refuse_for_others(note: Handover) -> None:
    """Refuse to sign for the other side: on the telephone of the giver somebody types a name, a token has one."""
    if not current_actor().belongs_to(note.receiver_id):
        raise NotOurLot(organisation=note.receiver_id)


def _lot_shown(lot: Lot, status: int = 200, **headers: str) -> Response:
    return writing.answer(write_steps(queries.found([queries.get_lot(lot.public_id)])[0]), status, **headers)
