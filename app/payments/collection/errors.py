"""Why something cannot go to an accountant: facts, no sentences."""

from app.core.errors import Conflict, Invalid


class NothingToCollect(Conflict):
    """Nothing is owed for that period that is not in a batch yet; `on_its_way`: but what was left out as announced."""

    code = "nothing_to_collect"


class BadPeriod(Invalid):
    """A period ends before it begins."""

    code = "bad_collection_period"


class OrderNumberTaken(Conflict):
    """An order of another debtor (`name`) has this `number` already."""

    code = "order_number_taken"


class BatchSent(Conflict):
    """A batch (`number`) went to the accountant, or has numbers of orders: it is not withdrawn any more."""

    code = "collection_batch_sent"


class BatchWithdrawn(Conflict):
    """A batch (`number`) was withdrawn: nothing of it is handed over."""

    code = "collection_batch_withdrawn"


class SentBefore(Invalid):
    """A batch was sent before it was made, or in the future; `field` is the day."""

    code = "sent_before"
