"""Afterwards: what was picked up, and who came."""

from collections.abc import Collection

from app.core import clock
from app.core.policy import Actor
from app.infra.uow import atomic
from app.supply.gleanings.errors import NotBegun
from app.supply.gleanings.models import Gleaning
from app.supply.gleanings.rules import Place
from app.supply.gleanings.service.common import come_to, lock_own, note, sign_ups
from app.supply.gleanings.service.drafting import draft
from app.supply.offers.errors import BadOffer
from app.supply.offers.rules import MOST_GRAMS


def harvest(actor: Actor, gleaning_id: int, grams: int) -> None:
    """Say what was picked up; again, to correct it. Raise NotTakingPart, NotBegun, BadOffer, IllegalMove."""
    if not 0 < grams <= MOST_GRAMS:
        raise BadOffer(field="amount", reason="amount", most=MOST_GRAMS)
    with atomic():
        gleaning = _begun(actor, gleaning_id)
        come_to(gleaning, "harvest")
        gleaning.real_grams = grams
        note(gleaning, "harvested", actor, grams=grams)
        draft(gleaning)


def note_attendance(actor: Actor, gleaning_id: int, came: Collection[str]) -> None:
    """Note who came (references of sign-ups); of all others who had a place that they did not.

    Raise NotTakingPart, NotBegun.
    """
    with atomic():
        gleaning = _begun(actor, gleaning_id)
        before = gleaning.came or 0
        for each in sign_ups(gleaning):
            if each.place == Place.GOING:
                before += each.people * ((each.public_id in came) - bool(each.came))
                each.came = each.public_id in came
        gleaning.came = before
        note(gleaning, "attendance_noted", actor, people=before)


def _begun(actor: Actor, gleaning_id: int) -> Gleaning:
    gleaning = lock_own(actor, gleaning_id)
    if not gleaning.has_begun_at(clock.now()):
        raise NotBegun
    return gleaning
