"""What time ends, and what goes when people and organisations do."""

import logging
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, select, update

from app.accounts.events import AccountErased, OrganisationArchived
from app.bookings.rules import TALK_LIFE
from app.core import clock
from app.core.policy import Actor
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.supply.offers.events import OfferExpired
from app.supply.offers.models import SurplusClaim, SurplusOffer
from app.supply.offers.queries import never_collected, touched_by
from app.supply.offers.rules import LAPSES_AFTER, ClaimState, State
from app.supply.offers.service.common import come_to, live_claims, lock_offer, note
from app.supply.offers.service.offering import end
from app.supply.offers.service.taking import give_up, lapse

PHOTO_LIFE: Final = timedelta(days=30)  # after the end of its offer

log = logging.getLogger(__name__)


def expire_due() -> int:
    """Close the offers whose last moment has passed; give how many. What was taken of them can still be handed over."""
    due = SurplusOffer.state == State.OPEN, SurplusOffer.until_at <= clock.now()
    with atomic() as session:
        rows = select(SurplusOffer).where(*due).order_by(SurplusOffer.id).with_for_update(skip_locked=True)
        offers = session.scalars(rows, execution_options={"populate_existing": True}).all()
        for offer in offers:
            come_to(offer, "expire")
            left = offer.grams - sum(claim.grams for claim in live_claims(offer.id))
            note(offer, "over", Actor(), grams=left)
            emit(OfferExpired(offer.id, None, left))
    return len(offers)


def lapse_due() -> int:
    """End the parts that nobody collected for long; give how many. Raise ExceptionGroup at the end if some failed."""
    failures, done = [], 0
    for claim_id in never_collected(clock.now() - LAPSES_AFTER):
        try:
            done += lapse(claim_id)
        except Exception as error:  # whatever is wrong with one, the others are to end too
            log.exception("The part %s of a surplus could not be ended.", claim_id)
            failures.append(error)
    if failures:
        raise ExceptionGroup(f"{len(failures)} parts could not be ended", failures)
    return done


def end_all_of(leaver: OrganisationArchived) -> None:
    """Withdraw what an organisation that takes part no longer offers, and give back what it took of others."""
    with atomic():
        for offer_id in touched_by(leaver.organisation_id):
            offer = lock_offer(offer_id)
            if offer.organisation_id == leaver.organisation_id:
                if offer.state == State.OPEN:
                    end(offer, leaver.by, leaver.reason)
                continue
            for claim in live_claims(offer_id):
                if claim.organisation_id == leaver.organisation_id and claim.state == ClaimState.CLAIMED:
                    give_up(claim, leaver.by)


def forget_words_of(leaver: AccountErased) -> None:
    """Let go of somebody who leaves: their keys, their words where they want that. Offers are their organisation's."""
    with atomic() as session:
        for table, words in ((SurplusOffer, "note"), (SurplusClaim, "message")):
            gone = {"idempotency_key": None} | ({words: ""} if leaver.messages_too else {})
            session.execute(update(table).where(table.person_id == leaver.person_id).values(gone))


def forget_old() -> None:
    """Forget photos a while after their offers have ended, and what was written once it is as old as other talk."""
    with atomic():
        _empty(SurplusOffer, SurplusOffer.ended_at < clock.now() - PHOTO_LIFE, {"photo": None})
        old = SurplusOffer.ended_at < clock.now() - TALK_LIFE
        _empty(SurplusOffer, old, {"note": "", "reason": ""})
        theirs = SurplusClaim.offer_id.in_(select(SurplusOffer.id).where(old))
        _empty(SurplusClaim, theirs, {"message": "", "reason": ""})


def _empty(
    table: type[SurplusOffer | SurplusClaim], which: ColumnElement[bool], values: dict[str, str | None]
) -> None:
    db.session.execute(update(table).where(which).values(values))
