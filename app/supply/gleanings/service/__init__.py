"""The use cases of gleanings: call, change, cancel; sign up, withdraw; say what came of it, and who came."""

from app.supply.gleanings.service.calling import Advice, NewGleaning, call, cancel, change
from app.supply.gleanings.service.closing import harvest, note_attendance
from app.supply.gleanings.service.signing import sign_up, withdraw
from app.supply.gleanings.service.upkeep import end_all_of, expire_due, forget_old, let_go_of

__all__ = [
    "Advice",
    "NewGleaning",
    "call",
    "cancel",
    "change",
    "end_all_of",
    "expire_due",
    "forget_old",
    "harvest",
    "let_go_of",
    "note_attendance",
    "sign_up",
    "withdraw",
]
