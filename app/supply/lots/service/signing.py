"""The two signatures of a hand-over note. Who signs types a name; what was signed is kept as a digest.

The digest is of what was handed over, not of who signed: names go when people do, and the note still proves itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.accounts.models import Organisation
from app.accounts.service.locks import keep_organisation, keep_person
from app.core import clock
from app.core.ids import hash_secret
from app.core.policy import Actor
from app.infra.db import compact_json, db
from app.infra.events import emit
from app.infra.uow import atomic
from app.supply.cargo import Packaging, Regime
from app.supply.edits import edits_since, told_of
from app.supply.lots import events
from app.supply.lots.errors import (
    NotAuthorised,
    NoteCorrected,
    NotOurLot,
    ReceivedOdd,
    SignatureMissing,
    TemperatureMissing,
)
from app.supply.lots.food_aid import lacking
from app.supply.lots.models import Handover, HandoverLine, Lot, LotSource
from app.supply.lots.queries import today_in
from app.supply.lots.rules import LONGEST_NAME, MEASURED
from app.supply.lots.service.breaking import look_at_reception, look_at_return
from app.supply.lots.service.common import (
    check_cold,
    check_edible,
    check_open,
    checked_reason,
    checked_tenths,
    come_to,
    lock_lots,
    lock_note,
    tell,
)
from app.supply.lots.service.entering import NewLot, add
from app.supply.offers.service import follow_note


@dataclass(frozen=True)
class Receipt:
    """What somebody says of what came: their name, and how much of each lot (ids → grams) where it was not all."""

    name: str
    grams: Mapping[int, int] | None = None
    reason: str = ""  # where it was less
    tenths: int | None = None  # of a degree: how warm it was when it came


def give(actor: Actor, note_id: int, name: str, seen: int | None = None) -> None:
    """Sign that it was handed over; what goes to people is over with that, and a part of an offer of which all went.

    `seen` is the last correction of what was read before: nobody signs what they were not shown. Raise NotFound,
    NotOurLot, SignatureMissing, NoteCorrected, NotAuthorised, LotSpoilt, LotGone, NoteMovedOn.
    """
    name = _checked_name(name)
    with atomic():
        written, receiver = _kept(actor, note_id)
        if not actor.belongs_to(written.giver_id):
            raise NotOurLot(organisation=written.giver_id)
        act = "distribute" if written.is_distribution else "give"
        check_open(written, act, actor)
        if since := edits_since(written, seen):
            raise NoteCorrected(**told_of(actor, written, since[-1]))
        if (standing := lacking(written)) is not None:
            raise NotAuthorised(name=receiver.name, standing=standing)
        come_to(written, act, actor)
        lots = _locked_lots(written)
        check_edible(lots, written.at)
        written.given_name, written.given_by_id = name, actor.person_id
        written.given_at, written.given_digest = clock.now(), digest_of_giving(written)
        tell(written, "given", actor, digest=written.given_digest)
        follow_note(actor, _parts_of(lots))
        if not written.is_distribution:
            emit(events.NoteGiven(written.id, actor.person_id))


def receive(actor: Actor, note_id: int, receipt: Receipt) -> None:
    """Sign that it came, all of it or less: what came is a lot of the receiver's from now on.

    A member of the receiving organisation signs; or whoever is there does, on the telephone of the giver.
    A part of an offer of which all is signed for is collected. Too warm by now, it is signed for all the same, and
    incidents block what came and what goes back.

    Raise NotFound, NotOurLot, SignatureMissing, ReceivedOdd, ReasonMissing, TemperatureMissing, TemperatureOdd,
    LotFlagged, LotGone, NoteMovedOn.
    """
    name = _checked_name(receipt.name)
    with atomic():
        written, receiver = _kept(actor, note_id)
        check_open(written, "receive", actor)
        lots = {lot.id: lot for lot in _locked_lots(written)}
        check_cold(lots.values())  # it could be eaten when it was given: signing later does not spoil it
        _take_in(written, receipt)
        come_to(written, "receive", actor)
        is_theirs = actor.belongs_to(receiver.id)
        written.received_name, written.received_by_id = name, actor.person_id if is_theirs else None
        written.received_at = clock.now()
        came = [
            _pass_on(receiver, line, lots[line.lot_id], written.received_by_id)
            for line in written.lines
            if line.received_grams
        ]
        written.reason_digest = digest_of_reason(written)
        written.received_digest = digest_of_receiving(written)
        tell(written, "received", actor, digest=written.received_digest, on_the_spot=not is_theirs)
        look_at_return(written, actor)
        look_at_reception(written, came, actor)
        follow_note(actor, _parts_of(lots.values()))
        emit(events.NoteReceived(written.id, actor.person_id))


def refuse(actor: Actor, note_id: int, receipt: Receipt) -> None:
    """Take nothing of it, with a reason: all of it stays with the giver, blocked where it was measured to be too warm.

    Raise NotFound, NotOurLot, SignatureMissing, ReasonMissing, TemperatureOdd, NoteMovedOn.
    """
    name, reason = _checked_name(receipt.name), checked_reason(receipt.reason)
    with atomic():
        written, receiver = _kept(actor, note_id)
        _locked_lots(written)
        come_to(written, "refuse", actor)
        written.received_tenths = checked_tenths(receipt.tenths)
        is_theirs = actor.belongs_to(receiver.id)
        written.received_name, written.received_by_id = name, actor.person_id if is_theirs else None
        written.received_at, written.reason = clock.now(), reason
        tell(written, "refused", actor)
        look_at_return(written, actor)
        emit(events.NoteRefused(written.id, actor.person_id))


# -- what is signed -------------------------------------------------------------------------------------------


def digest_of_giving(written: Handover) -> str:
    """Digest what the giver signs: from whom, to whom, when, what, how much, how warm."""
    return hash_secret(compact_json(_content(written)))


def digest_of_receiving(written: Handover) -> str:
    """Digest what the receiver signs: what was given, what of it came, how warm; of the reason its own digest.

    What nobody measured is not in it: notes from before it was asked for prove themselves as they did.
    """
    came = {line.lot.public_id: line.received_grams for line in written.lines}
    signed = _content(written) | {"received": came, "reason": written.reason_digest or ""}
    if written.received_tenths is not None:
        signed["received_tenths"] = written.received_tenths
    return hash_secret(compact_json(signed))


def digest_of_reason(written: Handover) -> str | None:
    """Digest why less came than was given, so that the words can be forgotten and the note still proves itself."""
    return hash_secret(f"{written.public_id}:{written.reason}") if written.reason else None


def is_intact(written: Handover) -> bool:
    """Tell whether a note still says what was signed."""
    if written.given_digest and written.given_digest != digest_of_giving(written):
        return False
    if written.reason_digest and written.reason and written.reason_digest != digest_of_reason(written):
        return False
    return not written.received_digest or written.received_digest == digest_of_receiving(written)


def _content(written: Handover) -> dict[str, Any]:
    return {
        "note": written.public_id,
        "from": written.giver_id,
        "to": written.receiver_id,
        "people": written.people,
        "at": written.at.isoformat(),
        "tenths": written.tenths,
        "packages": written.packages,
        "food_aid": written.is_food_aid,
        "lots": [
            {
                "lot": line.lot.public_id,
                "product": line.lot.product,
                "regime": line.lot.regime,
                "use_by": line.lot.use_by.isoformat() if line.lot.use_by else None,
                "grams": line.grams,
            }
            for line in sorted(written.lines, key=lambda line: line.lot_id)
        ],
    }


# -- receiving ------------------------------------------------------------------------------------------------


def _kept(actor: Actor, note_id: int) -> tuple[Handover, Organisation]:
    """Get a note as it is now, by one of its sides, with the organisation that receives it (the giver: people do).

    Organisations and people come before notes, as everywhere (docs/locking.md).
    """
    sides = select(Handover.giver_id, Handover.receiver_id).filter_by(id=note_id)
    giver_id, receiver_id = db.session.execute(sides).one_or_none() or (0, 0)
    receiver = keep_organisation(receiver_id or giver_id)
    keep_person(actor.person_id)
    if not (actor.belongs_to(giver_id) or actor.belongs_to(receiver_id)):
        raise NotOurLot(organisation=receiver_id)
    return lock_note(note_id), receiver


def _take_in(written: Handover, receipt: Receipt) -> None:
    """Note how much of each lot came, and how warm; less than was given has a reason, nothing at all is a refusal."""
    came = receipt.grams or {}
    for line in written.lines:
        grams = came.get(line.lot_id, line.grams)
        if not 0 <= grams <= line.grams:
            raise ReceivedOdd(field=f"kilos_{line.lot.public_id}", given=line.grams)
        line.received_grams = grams
    if not any(line.received_grams for line in written.lines):
        raise ReceivedOdd(given=sum(line.grams for line in written.lines))
    written.received_tenths = checked_tenths(receipt.tenths)
    regimes = {Regime(line.lot.regime) for line in written.lines if line.received_grams}
    if written.received_tenths is None and regimes & MEASURED:
        raise TemperatureMissing(field="temperature")
    is_less = any(line.received_grams != line.grams for line in written.lines)
    written.reason = checked_reason(receipt.reason) if is_less else receipt.reason.strip()


def _pass_on(receiver: Organisation, line: HandoverLine, lot: Lot, person_id: int | None) -> Lot:
    """Let the receiver have its own lot of what came, which knows the one it came of."""
    grams = line.received_grams or 0
    theirs = NewLot(
        product=lot.product, grams=grams, regime=Regime(lot.regime), received_on=today_in(receiver.territory),
        packaging=Packaging(lot.packaging) if lot.packaging else None, per_package=lot.per_package,
        origin_id=lot.organisation_id, use_by=lot.use_by, best_before=lot.best_before,
        bundle_id=lot.bundle_id,
    )  # fmt: skip
    made = add(receiver, person_id, theirs)
    db.session.add(LotSource(lot_id=made.id, source_id=lot.id, grams=grams, line_id=line.id))
    return made


def _locked_lots(written: Handover) -> list[Lot]:
    return lock_lots([line.lot_id for line in written.lines])


def _parts_of(lots: Iterable[Lot]) -> set[str]:
    return {lot.surplus_claim_ref for lot in lots if lot.surplus_claim_ref}


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise SignatureMissing(field="name")
    return name
