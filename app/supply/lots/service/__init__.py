"""The use cases of lots: enter, make, store, destroy; write a hand-over note, sign it on both sides."""

from app.supply.lots.service.entering import NewLot, destroy, enter, make
from app.supply.lots.service.handing import NewNote, cancel, draft
from app.supply.lots.service.signing import Receipt, give, is_intact, receive, refuse
from app.supply.lots.service.storing import store
from app.supply.lots.service.upkeep import end_all_of, forget_old, forget_words_of

__all__ = [
    "NewLot",
    "NewNote",
    "Receipt",
    "cancel",
    "destroy",
    "draft",
    "end_all_of",
    "enter",
    "forget_old",
    "forget_words_of",
    "give",
    "is_intact",
    "make",
    "receive",
    "refuse",
    "store",
]
