"""Group purchases whose deadline has passed, and what is forgotten of them."""

from datetime import timedelta

from flask_babel import gettext as _

from app.infra.jobs import Payload, periodic
from app.supply.purchases import service
from app.web.i18n import speaking


@periodic("purchases.close_due", every=timedelta(minutes=5))
def close(_payload: Payload) -> None:
    """Confirm or cancel the purchases whose deadline has passed."""
    with speaking("fr"):
        short = _("The group purchase has not reached its minimum.")
    service.close_due(short)


@periodic("purchases.forget_old", every=timedelta(days=1), offset=timedelta(hours=2, minutes=55))
def forget(_payload: Payload) -> None:
    """Forget, every night, what was written with purchases long over."""
    service.forget_old()
