"""Why something cannot go to an accountant: facts, no sentences."""

from app.core.errors import Conflict, Invalid


class NothingToCollect(Conflict):
    """Nothing is owed for that period that is not in a batch yet."""

    code = "nothing_to_collect"


class BadPeriod(Invalid):
    """A period ends before it begins."""

    code = "bad_collection_period"


class OrderNumberTaken(Conflict):
    """An order of another debtor (`name`) has this `number` already."""

    code = "order_number_taken"


class SentBefore(Invalid):
    """A batch was sent before it was made, or in the future; `field` is the day."""

    code = "sent_before"
