"""The use cases of group purchases: open, change, cancel; order, withdraw; close at the deadline; hand out."""

from app.supply.purchases.service.closing import cancel, close_due
from app.supply.purchases.service.drafting import follow_packing
from app.supply.purchases.service.opening import Later, NewPurchase, change, open_purchase
from app.supply.purchases.service.ordering import Wanted, hand_out, order, take_back, withdraw
from app.supply.purchases.service.upkeep import end_all_of, forget_old, forget_words_of

__all__ = [
    "Later",
    "NewPurchase",
    "Wanted",
    "cancel",
    "change",
    "close_due",
    "end_all_of",
    "follow_packing",
    "forget_old",
    "forget_words_of",
    "hand_out",
    "open_purchase",
    "order",
    "take_back",
    "withdraw",
]
