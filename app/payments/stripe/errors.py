"""Why something cannot be done through Stripe."""

from app.core.errors import Conflict, Forbidden, Invalid


class PublicPayee(Forbidden):
    """A public body may not be paid through Stripe: its accountant alone handles its money. `organisation` names it."""

    code = "public_payee"


class PayeeNotReady(Conflict):
    """The payee's account there cannot take payments yet (or any more). `organisation` names it."""

    code = "payee_not_ready"


class TooLittle(Invalid):
    """Stripe takes no payment as small as this one: `least` cents of `currency` at least."""

    code = "too_little_online"


class StripeSilent(Conflict):
    """Stripe does not answer; what was to be done is done later by itself."""

    code = "stripe_silent"


class PaymentOver(Conflict):
    """This attempt to pay is over; `state` says how. Another one may be begun."""

    code = "payment_over"


class NothingPaid(Conflict):
    """What was not paid cannot be given back."""

    code = "nothing_paid"


class RefundTooHigh(Invalid):
    """More than was paid, less what was given back before, cannot be given back: `most` cents at most."""

    code = "refund_too_high"
