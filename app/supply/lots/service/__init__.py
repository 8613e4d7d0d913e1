"""The use cases of lots: enter, make, store, destroy; hand over, sign on both sides; read temperatures."""

from app.supply.lots.service.answering import confirm, contest
from app.supply.lots.service.closing import Closing, answers, check_not_closed, close, close_as_mistyped
from app.supply.lots.service.common import check_open
from app.supply.lots.service.correcting import (
    check_free,
    confirm_reading,
    correct_note,
    correct_reading,
    may_correct,
)
from app.supply.lots.service.entering import NewLot, destroy, enter, make
from app.supply.lots.service.handing import NewNote, cancel, draft, say_no_food_aid
from app.supply.lots.service.inspecting import let_in, revoke
from app.supply.lots.service.lot_correcting import correct_lot
from app.supply.lots.service.measuring import read
from app.supply.lots.service.recalling import recall
from app.supply.lots.service.returning import say_what_came_back
from app.supply.lots.service.signing import Receipt, give, is_intact, receive, refuse
from app.supply.lots.service.storing import checked_place, store
from app.supply.lots.service.upkeep import end_all_of, forget_old, forget_words_of

__all__ = [
    "Closing",
    "NewLot",
    "NewNote",
    "Receipt",
    "answers",
    "cancel",
    "check_free",
    "check_not_closed",
    "check_open",
    "checked_place",
    "close",
    "close_as_mistyped",
    "confirm",
    "confirm_reading",
    "contest",
    "correct_lot",
    "correct_note",
    "correct_reading",
    "destroy",
    "draft",
    "end_all_of",
    "enter",
    "forget_old",
    "forget_words_of",
    "give",
    "is_intact",
    "let_in",
    "make",
    "may_correct",
    "read",
    "recall",
    "receive",
    "refuse",
    "revoke",
    "say_no_food_aid",
    "say_what_came_back",
    "store",
]
