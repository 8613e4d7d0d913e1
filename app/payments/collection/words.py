"""Sentences about collection by public accountants: why something is refused, how a line stands."""

from collections.abc import Mapping
from typing import Final

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.web.words import Facts, worded

STATES: Final[Mapping[str, tuple[str, LazyString]]] = {  # the badge whose look it has, and its words
    "waited": ("pending", _l("to be collected")),
    "part": ("pending", _l("collected in part")),
    "collected": ("approved", _l("collected")),
    "lower": ("refused", _l("order to be lowered")),
    "cancel": ("refused", _l("order to be cancelled")),
}


@worded("nothing_to_collect")
def _nothing_to_collect(facts: Facts) -> str:
    if facts["on_its_way"]:
        return _(
            "All that is owed to you for this period is announced as on its way. Wait for it to arrive, or untick the "
            "box to collect it all the same."
        )
    return _(
        "Nothing is owed to you for this period that is not in a batch already. Choose another period, or look at the "
        "batches below."
    )


@worded("bad_collection_period")
def _bad_period(_facts: Facts) -> str:
    return _("A period ends after it begins. Check its two days.")


@worded("order_number_taken")
def _order_number_taken(facts: Facts) -> str:
    return _(
        "The order %(number)s is one of %(name)s already. Check the number: an order is for one debtor.",
        number=facts["number"],
        name=facts["name"],
    )


@worded("collection_batch_sent")
def _batch_sent(facts: Facts) -> str:
    return _(
        "Batch %(number)s is with your accountant: it is not withdrawn any more. Take back what was charged wrongly, "
        "and ask them to lower or to cancel the orders.",
        number=facts["number"],
    )


@worded("collection_batch_withdrawn")
def _batch_withdrawn(facts: Facts) -> str:
    return _(
        "Batch %(number)s was withdrawn: nothing of it is handed over. What it had is free for the next one.",
        number=facts["number"],
    )


@worded("sent_before")
def _sent_before(_facts: Facts) -> str:
    return _("A batch is sent after it was made, and not in the future. Check the day.")
