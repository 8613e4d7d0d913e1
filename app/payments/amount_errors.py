"""Why an amount cannot be worked out: facts, no sentences (app.payments.amount_words has them)."""

from app.core.errors import Conflict, Invalid


class BadTariff(Invalid):
    """A tariff that cannot be: `field` is the way to the piece (`lines.0.step_milli`), `reason` what is wrong with it.

    Where numbers have bounds, `min` and `max` tell them. `beside` is what else is wrong with the same tariff.
    """

    code = "bad_tariff"
    beside: "tuple[BadTariff, ...]" = ()


class BadUse(Invalid):
    """A use that cannot be: `field` is below `min`."""

    code = "bad_use"


class NotMeasured(Invalid):
    """A tariff asks for what nobody has measured of the use: `meter`."""

    code = "not_measured"


class BadSplitKey(Invalid):
    """A key for sharing, or a ceiling of somebody in it, that cannot be.

    `reason` is nobody, below_zero, unknown_tier, ceiling_below_zero or percent_total (what they come to: `total_bp`).
    """

    code = "bad_split_key"


class BadSubsidy(Invalid):
    """A subsidy that cannot be: `field` is not within `min` and `max` (None: no upper bound)."""

    code = "bad_subsidy"


class NobodyBears(Invalid):
    """There are `cents` to share, and nobody weighs anything in the key: nobody bears the cost."""

    code = "nobody_bears"


class Unfunded(Conflict):
    """With every ceiling reached, `cents` of a cost are borne by nobody, and nobody is named for what is left."""

    code = "unfunded"


class RefundTooLarge(Conflict):
    """More is to be given back (`asked`) than has not been given back yet (`left`), in cents."""

    code = "refund_too_large"
