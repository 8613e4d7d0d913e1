"""Whom a chain is for, before it is asked for: how they stand with food aid is said before anything is sent."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.accounts.food_aid import FOOD_AID_CLASS, Standing
from app.accounts.food_aid_words import remedy_words, warning_words
from app.accounts.models import Organisation
from app.accounts.policy import AccountPermission
from app.accounts.queries import food_aid_standing
from app.core.errors import DomainError
from app.core.policy import can
from app.core.span import to_wall
from app.supply.chains.views.desk import Desk
from app.web.identity import current_actor


def does_food_aid(receiver: Organisation) -> bool:
    """Tell whether what comes to an organisation is food aid, unless it is said otherwise."""
    return receiver.priority_class == FOOD_AID_CLASS


def is_to_be_read(desk: Desk) -> bool:
    """Tell whether something of food aid has to be read before it is sent, and say on the form what.

    Whoever is chosen last decides what is proposed; a warning is read before it is passed over.
    """
    form, receiver = desk.form, desk.receiver
    is_other = not (form.seen_for.data or "").startswith(f"{form.receiver.data or ''}:")
    if is_other and does_food_aid(receiver) and not form.for_food_aid.data:
        form.for_food_aid.data = True
        form.refuse(
            "for_food_aid",
            _(
                "“%(name)s” does food aid. Take the tick away if this is none, then send it.",
                name=receiver.name,
            ),
        )
        return True
    standing = _standing(desk)
    if standing is None or standing.is_good or form.seen_for.data == _key(desk):
        return False
    form.refuse(
        "for_food_aid",
        _(
            "Read what “%(name)s” lacks for food aid, then send it all the same, or change it.",
            name=receiver.name,
        ),
    )
    return True


def food_aid_seen(desk: Desk) -> dict[str, str] | None:
    """Warn that whom it is for holds no authorisation; None where nothing is to be said. The form notes it."""
    desk.form.seen_for.data = _key(desk)
    standing, receiver = _standing(desk), desk.receiver
    if standing is None or standing.is_good:
        return None
    may_enter = can(current_actor(), AccountPermission.KEEP_AUTHORISATION, receiver)
    return {
        "warning": warning_words(standing, receiver.name),
        "remedy": remedy_words(standing),
        "enter_at": url_for("accounts.authorisation", slug=receiver.slug) if may_enter else "",
    }


def _key(desk: Desk) -> str:
    return f"{desk.form.receiver.data or ''}:{int(bool(desk.form.for_food_aid.data))}"


def _standing(desk: Desk) -> Standing | None:
    """Tell how whom it is for stands on the day of the hand-over; None where it is no food aid."""
    if not desk.form.for_food_aid.data or desk.plan is None:
        return None
    try:
        at: Any = desk.form.read_handover(desk.zone)
    except (DomainError, ValueError):
        at = None
    return food_aid_standing(desk.receiver.id, to_wall(at or desk.plan.ready_at, desk.zone).date())
