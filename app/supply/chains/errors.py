"""What can stand against a chain itself; what stands against its legs is said by the room of bookings."""

from app.core.errors import Conflict, Invalid


class ProductMissing(Invalid):
    """A chain says what it carries."""

    code = "product_missing"


class BadWish(Invalid):
    """Something about when it can be collected or has to be ready cannot be: `reason` is over, order, too_long,
    ready_before, ready_late.
    """

    code = "bad_wish"


class PlanLost(Conflict):
    """A plan cannot be read, was proposed for something else, or goes through a place that is shared no longer."""

    code = "plan_lost"


class PartLost(Conflict):
    """The part of an offer that a chain would carry is not the organisation's, or was given back or cancelled."""

    code = "part_lost"


class OfferLost(Conflict):
    """The offer that a chain would carry is not the organisation's, or is not open any more."""

    code = "offer_lost"


class PartTooSmall(Conflict):
    """A chain would carry more of a part than there is: `left` grams of `grams`, what other chains carry left out."""

    code = "part_too_small"


class DraftLost(Conflict):
    """What a chain would be asked for from is not the organisation's, or is over: cancelled, or its time has passed."""

    code = "draft_lost"


class DraftTooSmall(Conflict):
    """A chain would carry more than there is: `left` grams of `grams`, what was asked for already left out."""

    code = "draft_too_small"


class ChainJustAsked(Conflict):
    """A chain was asked for this very moment, and cannot be given up with what it is for before one looks again."""

    code = "chain_just_asked"


class ChainOver(Conflict):
    """The chain is over or was given up: whom it is for is not said any more."""

    code = "chain_over"


class AlreadyAllowed(Conflict):
    """The coordination (`by`, `is_own`) allows food aid for the chain already, since `at` (`timezone`)."""

    code = "food_aid_allowed"


class LegUnfit(Conflict):
    """The resource `name` is not fit to take the place of a leg of a chain: `reason` is one of the planner's."""

    code = "leg_unfit"
