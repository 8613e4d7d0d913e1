"""Why something cannot be bought together, ordered or changed: facts, no sentences."""

from app.core.errors import Conflict, Invalid


class BadPurchase(Invalid):
    """Something about a purchase cannot be: `reason` is supplier, price (`most` cents), least (`most` grams), most,
    never (by packages of `step` grams `least` is reached at most, or `most` is needed), past, too_long (`days`),
    earlier or packing.
    """

    code = "bad_purchase"


class WrongStep(Invalid):
    """It is ordered by whole packages of `step` grams: `fewer` or `more` grams would be."""

    code = "wrong_step"


class PurchaseClosed(Conflict):
    """Nobody orders or changes anything any more: `state` is confirmed or cancelled, or open past its deadline."""

    code = "purchase_closed"


class TooMuchOrdered(Conflict):
    """There is not so much to be had: `left` grams are."""

    code = "too_much_ordered"


class FarAboveMinimum(Conflict):
    """It is far more than the purchase needs, `times` the minimum, and comes to `cents`: whoever means it confirms."""

    code = "far_above_minimum"
