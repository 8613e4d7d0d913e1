"""Words for authorisations for food aid: what one is, how an organisation stands, what to do where it lacks one."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.food_aid import AuthorisationState, Basis, Level, Standing
from app.accounts.models import FoodAidAuthorisation
from app.web.format import day
from app.web.words import Facts, worded

LEVELS: Final[Mapping[str, Any]] = {
    Level.REGIONAL: _l("Regional (the prefect of the region)"),
    Level.NATIONAL: _l("National (the ministers)"),
    Level.NETWORK: _l("By our network, which is authorised and has named us"),
}
STATES: Final[Mapping[str, tuple[str, Any]]] = {  # the badge whose look it has, and its words
    AuthorisationState.ENTERED: ("pending", _l("to be confirmed")),
    AuthorisationState.CONFIRMED: ("approved", _l("confirmed")),
    AuthorisationState.SENT_BACK: ("refused", _l("sent back")),
}


def standing_words(standing: Standing) -> str:
    """Say in a few words how an organisation stands."""
    match standing.basis:
        case Basis.LAW:
            return _("By law, as a public body")
        case Basis.HELD:
            return _("Authorised until %(day)s", day=_full(standing))
        case Basis.WAITS:
            return _("Waits for the coordination to confirm it")
        case Basis.EARLY:
            return _("Authorised from %(day)s on", day=_full(standing))
        case Basis.ENDED:
            return _("Ended on %(day)s", day=_full(standing))
    return _("No authorisation is known")


def warning_words(standing: Standing, name: str) -> str:
    """Say why food cannot be handed to an organisation as food aid on a day; nothing where it can."""
    said = {"name": name, "on": day(standing.on, year=True)}
    match standing.basis:
        case Basis.LAW | Basis.HELD:
            return ""
        case Basis.WAITS:
            return _("The authorisation for food aid of “%(name)s” waits to be confirmed.", **said)
        case Basis.EARLY:
            return _(
                "“%(name)s” is authorised for food aid from %(day)s on only, not on %(on)s.",
                **said,
                day=_full(standing),
            )
        case Basis.ENDED:
            return _(
                "The authorisation for food aid of “%(name)s” ended on %(day)s; it is needed on %(on)s.",
                **said,
                day=_full(standing),
            )
    return _("No authorisation for food aid of “%(name)s” is known.", **said)


def remedy_words(standing: Standing) -> str:
    """Say what is to be done where an organisation lacks its authorisation."""
    if standing.basis == Basis.WAITS:
        return _("Ask the coordination of the territory to confirm it before the hand-over.")
    return _(
        "If this food goes to people as food aid, one of its administrators enters the authorisation on the page of "
        "the organisation, and the coordination confirms it."
    )


def authorisation_words(row: FoodAidAuthorisation) -> dict[str, Any]:
    """Write an authorisation for the page where they are kept."""
    badge, state = STATES[row.state]
    what = _("By the network “%(network)s”", network=row.network) if row.network else str(_SHORT[row.level])
    return {
        "ref": row.public_id,
        "what": what,
        "reference": row.reference,
        "when": _(
            "From %(first)s to %(last)s",
            first=day(row.valid_from, year=True),
            last=day(row.valid_until, year=True),
        ),
        "badge": badge,
        "state": state,
        "reason": row.reason,
        "entered_by": row.entered_by,
        "decided_by": row.decided_by,
        "decided_at": row.decided_at,
        "is_entered": row.state == AuthorisationState.ENTERED,
        "is_confirmed": row.state == AuthorisationState.CONFIRMED,
    }


_SHORT: Final[Mapping[str, Any]] = {
    Level.REGIONAL: _l("Regional authorisation"),
    Level.NATIONAL: _l("National authorisation"),
    Level.NETWORK: _l("By its network"),
}


def _full(standing: Standing) -> str:
    return day(standing.day, year=True) if standing.day else ""


@worded("authorisation_not_needed")
def _authorisation_not_needed(facts: Facts) -> str:
    return _("“%(name)s” is a public body: it needs no authorisation for food aid.", name=facts["name"])


@worded("bad_authorisation")
def _bad_authorisation(facts: Facts) -> str:
    match facts["reason"]:
        case "reference":
            return _("Type the number or the date of the decision: the coordination looks it up by it.")
        case "network":
            return _("Type the name of the network that is authorised.")
        case "order":
            return _("The last day is before the first one. Check both.")
        case "too_long":
            return _("No authorisation lasts longer than ten years. Check the days.")
    return _("Choose among the values offered.")
