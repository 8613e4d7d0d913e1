"""Reads of what of parts of offers was handed over: by lots that are of a part, with notes that were signed."""

from collections.abc import Collection, Mapping

from sqlalchemy import case, func, or_, select

from app.infra.db import db
from app.supply.lots.models import Handover, HandoverAnswer, HandoverLine, Lot
from app.supply.lots.rules import DONE, NoteState
from app.supply.offers.handed import Handed, reads_notes
from app.supply.offers.models import SurplusClaim, SurplusOffer


@reads_notes
def handed_of_parts(refs: Collection[str]) -> Mapping[str, Handed]:
    """Add up what was handed over of parts (references), as who offers or who took them says.

    What came back was not handed over; what is on its way may still come. A note of which the receiver says that nobody
    there signed does not count.
    """
    is_signed = Handover.state.in_((NoteState.GIVEN, *DONE))
    came = func.coalesce(HandoverLine.received_grams, HandoverLine.grams)  # of what goes to people all came
    is_done = case((Handover.state.in_(DONE), came), else_=0)
    is_theirs = Lot.organisation_id.in_((SurplusOffer.organisation_id, SurplusClaim.organisation_id))
    rows = (
        select(Lot.surplus_claim_ref, func.sum(came), func.sum(is_done))
        .join(HandoverLine, HandoverLine.lot_id == Lot.id)
        .join(Handover, Handover.id == HandoverLine.handover_id)
        .join(SurplusClaim, SurplusClaim.public_id == Lot.surplus_claim_ref)
        .join(SurplusOffer, SurplusOffer.id == SurplusClaim.offer_id)
        .outerjoin(HandoverAnswer, HandoverAnswer.handover_id == Handover.id)
        .where(Lot.surplus_claim_ref.in_(refs), is_theirs, is_signed)
        .where(or_(HandoverAnswer.id.is_(None), HandoverAnswer.is_right))
        .group_by(Lot.surplus_claim_ref)
    )
    return {
        ref: Handed(int(given), int(received)) for ref, given, received in db.session.execute(rows) if ref
    }
