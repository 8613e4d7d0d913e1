"""Why money cannot be posted, paid or given back: facts, no sentences (app.payments.words has them)."""

from app.core.errors import Conflict, Invalid


class KeyReused(Conflict):
    """Something else was written under this `key` before."""

    code = "money_key_reused"


class EnvelopeShort(Conflict):
    """An envelope (`name` of its programme) has `left` cents, and `asked` are wanted of it."""

    code = "envelope_short"


class BudgetTooLow(Conflict):
    """A budget of `asked` cents is less than what is promised and spent of the envelope: `least`."""

    code = "budget_too_low"


class BudgetChanged(Conflict):
    """The budget that was said yes to is another one by now: `cents` (None: none is asked any more)."""

    code = "budget_changed"


class BadEnvelope(Invalid):
    """An envelope or programme that cannot be; `reason` is period, budget or overlap."""

    code = "bad_envelope"


class HoldEnded(Conflict):
    """What was held in an envelope is not any more: it was released or spent (`state`)."""

    code = "hold_ended"


class BadAmount(Invalid):
    """An amount of money that is to move is above zero; it was `cents`."""

    code = "bad_amount"


class DuesMixed(Invalid):
    """One payment is from one organisation to one other, in one currency; these dues are not."""

    code = "dues_mixed"


class CreditTooLarge(Conflict):
    """More of a charge is to be taken back (`asked`) than is left of it (`left`), in cents."""

    code = "credit_too_large"


class PaymentDisputed(Conflict):
    """`disputed` cents of a payment are in dispute; only `left` can be given back until that is decided."""

    code = "payment_disputed"


class DisputeClosed(Conflict):
    """A dispute was decided otherwise before: `state`."""

    code = "dispute_closed"


class CostsCharged(Conflict):
    """What something costs was charged: nothing about it is agreed or entered any more."""

    code = "costs_charged"


class ShareAnswered(Conflict):
    """An organisation that said yes to its part takes it back: whoever asked has to share it another way."""

    code = "share_answered"


class ShareChanged(Conflict):
    """The part of a cost that was said yes to is another one by now: `cents`."""

    code = "share_changed"


class NotCharged(Conflict):
    """What something costs was not charged, or is taken back already."""

    code = "not_charged"


class TakenBackWhole(Conflict):
    """All of what was charged (`cents`) was taken back by hand: it is charged again only if that is said (`field`)."""

    code = "taken_back_whole"


class CannotShare(Invalid):
    """An organisation (`name`) cannot be asked to bear a part; `reason` is not_active, elsewhere or twice."""

    code = "cannot_share"


class CannotMeasure(Invalid):
    """What was entered for a meter (`field`) cannot be: it is not counted, or not within `min` and `max`."""

    code = "cannot_measure"


class NothingOwed(Conflict):
    """There is nothing left to pay."""

    code = "nothing_owed"


class MoreThanOwed(Conflict):
    """More is said to be on its way than is left to pay: `left` cents, none where all of it was announced before."""

    code = "more_than_owed"


class PaymentUnderWay(Conflict):
    """Some of it is being paid on line already: `cents`; `state` is asked (a page is open) or started (a debit)."""

    code = "payment_under_way"


class BadPayeeTerms(Invalid):
    """How an organisation is paid cannot be so: `field` is wrong, lacking, or public_cash (`reason`)."""

    code = "bad_payee_terms"


class PaidOnline(Conflict):
    """What was paid on line is known from there: it is not undone by hand."""

    code = "paid_online"


class SetOff(Conflict):
    """What was set off is not undone one side at a time: the settlement it belongs to is."""

    code = "set_off"


class PaidByDeposit(Conflict):
    """What a deposit has paid is not undone as a payment: what was withheld is, on the page of the deposit."""

    code = "paid_by_deposit"


class TakenOver(Conflict):
    """What is owed by a settlement took the place of other debts: it is not credited, what these were for is."""

    code = "taken_over"
