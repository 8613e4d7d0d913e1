"""Food aid on the page of a chain: what its receiver lacks, and what the coordination allows all the same."""

from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from app.accounts.food_aid_words import remedy_words, warning_words
from app.accounts.policy import AccountPermission
from app.bookings.bundles import Whole
from app.bookings.rules import BundleState
from app.core.policy import can
from app.supply.chains.food_aid import standing_of_receiver
from app.supply.chains.models import Chain
from app.supply.chains.policy import ChainPermission as P
from app.web.forms import Form
from app.web.identity import current_actor

_OVER = frozenset({BundleState.OVER, BundleState.GIVEN_UP})


class OverrideForm(Form):
    """Why the coordination allows it."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[
            DataRequired(_l("Say why: it stays written on the page of the chain.")),
            Length(max=2000),
        ],
        render_kw={"rows": 2},
    )


def food_aid_part(chain: Chain, whole: Whole, form: OverrideForm | None = None) -> dict[str, Any] | None:
    """Write what is to be said about food aid on the page of a chain; None where nothing is."""
    standing, override = standing_of_receiver(chain, whole), chain.override
    lacks = standing is not None and not standing.is_good and whole.state not in _OVER
    if standing is None or not (lacks or override):
        return None
    receiver, actor = chain.destination, current_actor()
    decides = can(actor, P.OVERRIDE_FOOD_AID, whole.bundle)
    return {
        "warning": warning_words(standing, receiver.name) if lacks else "",
        "remedy": remedy_words(standing),
        "enter_at": url_for("accounts.authorisation", slug=receiver.slug)
        if can(actor, AccountPermission.KEEP_AUTHORISATION, receiver)
        else "",
        "override": override,
        "timezone": whole.last_zone.key,
        "decides": decides,
        "form": (form or OverrideForm(formdata=None)) if decides and not override else None,
        "left": form if override else None,
    }
