"""The use cases of settling: set off between two, propose to several, answer, undo."""

from app.payments.settlement.service.answering import accept, end_what_is_over, refuse, withdraw
from app.payments.settlement.service.pairs import set_off, undo
from app.payments.settlement.service.proposing import propose

__all__ = ["accept", "end_what_is_over", "propose", "refuse", "set_off", "undo", "withdraw"]
