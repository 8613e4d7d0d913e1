"""The use cases of offers: offer, change, withdraw; take a part, give it back; say what one is interested in."""

from app.supply.offers.service.common import keep_offer, note_told
from app.supply.offers.service.interests import say_interest
from app.supply.offers.service.offering import NewOffer, Place, change, post, withdraw
from app.supply.offers.service.paying import charge_due, take_back
from app.supply.offers.service.photos import SHELF, file_name, is_kept, keep_photo, sweep_photos
from app.supply.offers.service.taking import (
    Part,
    cancel_part,
    collect,
    deny,
    follow_note,
    give_back,
    keep_part,
    take,
    uncollect,
)
from app.supply.offers.service.upkeep import end_all_of, expire_due, forget_old, forget_words_of, lapse_due

__all__ = [
    "SHELF",
    "NewOffer",
    "Part",
    "Place",
    "cancel_part",
    "change",
    "charge_due",
    "collect",
    "deny",
    "end_all_of",
    "expire_due",
    "file_name",
    "follow_note",
    "forget_old",
    "forget_words_of",
    "give_back",
    "is_kept",
    "keep_offer",
    "keep_part",
    "keep_photo",
    "lapse_due",
    "note_told",
    "post",
    "say_interest",
    "sweep_photos",
    "take",
    "take_back",
    "uncollect",
    "withdraw",
]
