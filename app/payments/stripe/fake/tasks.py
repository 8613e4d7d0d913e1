"""The played Stripe goes on by itself, once a minute."""

from datetime import timedelta

from flask import current_app

from app.infra.jobs import Payload, periodic
from app.payments.stripe.fake import playing


@periodic("stripe.play", every=timedelta(minutes=1))
def play(_payload: Payload) -> None:
    """Let time pass, where a Stripe is played."""
    if "mutualim.stripe_simulation" in current_app.extensions:
        playing.let_time_pass()
