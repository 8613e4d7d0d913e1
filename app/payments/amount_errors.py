"""Why an amount cannot be worked out: facts, no sentences (app.payments.amount_words has them)."""

from app.core.errors import Invalid


class BadTariff(Invalid):
    """A tariff that cannot be: `field` is the way to the piece (`lines.0.step_milli`), `reason` what is wrong with it.

    Where numbers have bounds, `min` and `max` tell them.
    """

    code = "bad_tariff"


class BadUse(Invalid):
    """A use that cannot be: `field` is below `min`."""

    code = "bad_use"


class NotMeasured(Invalid):
    """A tariff asks for what nobody has measured of the use: `meter`."""

    code = "not_measured"
