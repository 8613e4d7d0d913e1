"""Why something cannot be offered, taken or changed: facts, no sentences."""

from app.core.errors import Conflict, Forbidden, Invalid


class NotTakingPart(Forbidden):
    """The organisation is not one the person acts for, or takes no part in the territory of the offer."""

    code = "not_taking_part"


class BadOffer(Invalid):
    """Something about an offer cannot be: `reason` is product, amount (`most` grams), package, until, too_long, use_by,
    or price (`most` cents).
    """

    code = "bad_offer"


class NothingTaken(Invalid):
    """A part is more than nothing."""

    code = "nothing_taken"


class OwnOffer(Conflict):
    """Who offers takes no part of it."""

    code = "own_offer"


class OfferEnded(Conflict):
    """It is offered no longer: `state` is withdrawn or over."""

    code = "offer_ended"


class TooLittleLeft(Conflict):
    """Others were faster: `left` grams are there now, `asked` were wanted."""

    code = "too_little_left"


class LessThanTaken(Conflict):
    """An offer does not become smaller than what was taken of it: `taken` grams."""

    code = "less_than_taken"


class PriceChanged(Conflict):
    """It costs something else now than whoever takes a part of it has read: `price_cents` for a kilo."""

    code = "price_changed"


class TooEarly(Conflict):
    """Nothing is collected before the offer says so: `since` is from when on it can be, `tz` the clock of the place."""

    code = "too_early"


class PartHandedOver(Conflict):
    """Signed notes say that `grams` of it were handed over; `is_received`: both sides signed one of them."""

    code = "part_handed_over"


class PartCharged(Conflict):
    """What was collected and charged stays so: what is wrong with it is taken back on the page of its cost."""

    code = "part_charged"
