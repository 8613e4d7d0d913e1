"""Words for chains: what one carries, what a leg is there for, why one cannot be asked for."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

from app.accounts.words import doer_words
from app.bookings.bundles import Whole
from app.bookings.models import Booking
from app.bookings.rules import APPROVED, LIVE
from app.bookings.words import legs_words
from app.bookings.words.bundle_history import Told, tells_act
from app.bookings.words.called import Called, calls
from app.bookings.words.pieces import moment, zone_of
from app.supply.cargo import Cargo
from app.supply.cargo_words import REGIMES, kilos, load_words, packages_words
from app.supply.chains.models import Chain, ChainStep
from app.supply.chains.plan_words import REASONS
from app.supply.chains.planning.plan import PlannedLeg, Role
from app.supply.chains.planning.world import Reason
from app.supply.chains.queries import chains_of_bundles
from app.supply.chains.rules import MAX_NAME
from app.web.format import distance, duration, span_words
from app.web.words import Facts, worded

ROLES: Final[Mapping[str, Any]] = {
    Role.COLLECT: _l("Collection"),
    Role.STORE: _l("Storage"),
    Role.CARRY: _l("Transport"),
    Role.PROCESS: _l("Processing"),
}
ICONS: Final[Mapping[str, str]] = {
    Role.COLLECT: "vehicle",
    Role.STORE: "storage",
    Role.CARRY: "vehicle",
    Role.PROCESS: "kitchen",
}
_ROADS = frozenset({Role.COLLECT, Role.CARRY})


def carried_words(chain: Chain) -> str:
    """Say what a chain carries, from where: "400 kg, courgettes, Nozay"."""
    told = {"kilos": kilos(chain.grams), "product": chain.product, "place": chain.from_place}
    return (
        _("%(kilos)s, %(product)s, %(place)s", **told)
        if chain.from_place
        else _("%(kilos)s, %(product)s", **told)
    )


def from_words(exactly: str, commune: str) -> str:
    """Say where something is fetched: exactly, and in which commune, as far as both can be written down."""
    both = ", ".join(each for each in (exactly, commune) if each)
    return both if len(both) <= MAX_NAME else exactly


def product_words(product: str, cargo: Cargo) -> str:
    """Say how much of what: "400 kg, courgettes"."""
    return _("%(kilos)s, %(product)s", kilos=kilos(cargo.grams), product=product)


def carried_rows(product: str, cargo: Cargo, place: str) -> list[tuple[str, str, str]]:
    """List what is to be known of a cargo: what, how packed, what that is on the road, how warm, from where."""
    rows = [
        (_("What"), product_words(product, cargo), "list"),
        (_("Packed in"), packages_words(cargo.packaging, cargo.packages), "storage"),
        (_("On the road"), load_words(cargo), "vehicle"),
        (_("Storage conditions"), str(REGIMES[cargo.regime]), "thermometer"),
    ]
    return [*rows, (_("From"), place, "pin")] if place else rows


def destination_rows(chain: Chain) -> list[tuple[str, str, str]]:
    """Say whom it is for, where that is not who asked, and whether it is food aid."""
    rows = [(_("Received by"), chain.receiver.name, "users")] if chain.receiver else []
    return [*rows, (_("Food aid"), _("Yes"), "check")] if chain.for_food_aid else rows


def step_words(step: ChainStep | PlannedLeg, gap_minutes: int = 0) -> dict[str, Any]:
    """Say what a leg is there for, how far it drives, what lies between it and what comes before."""
    return {
        "role": ROLES[step.role],
        "icon": ICONS[step.role],
        "road": road_words(step.metres, step.trips) if step.role in _ROADS else "",
        "gap": _("At least %(length)s after what comes before it", length=duration(gap_minutes))
        if gap_minutes
        else "",
    }


def road_words(metres: int, times: int) -> str:
    """Say how far is driven, in how many trips."""
    trips = _n("%(num)s trip", "%(num)s trips", times)
    if not metres:
        return trips
    return _("%(distance)s in all, %(trips)s", distance=distance(metres / 1000), trips=trips)


def collection_words(leg: Booking | None, *, is_named: bool = True) -> str:
    """Say of what collects a cargo when it comes; or that it is not sure, or that nothing comes at present."""
    if leg is None or leg.decision not in LIVE:
        return _("Nothing comes to collect it at present: the vehicle that was asked for cannot be had.")
    name = leg.resource.name if is_named else _("A vehicle")
    facts = {"name": name, "when": span_words(leg.span, zone_of(leg))}
    if leg.decision == APPROVED:
        return _("“%(name)s” comes to collect it: %(when)s.", **facts)
    return _("“%(name)s” is asked for to collect it: %(when)s. It is not sure yet.", **facts)


@calls
def _called(wholes: Collection[Whole]) -> Mapping[int, Called]:
    """Name the chains among requests."""
    chains = chains_of_bundles(each.bundle.id for each in wholes)
    sizes = {each.bundle.id: legs_words(len(each.shown)) for each in wholes}
    return {number: _chain_called(chain, sizes[number]) for number, chain in chains.items()}


def _chain_called(chain: Chain, size: str) -> Called:
    facts = {"size": size, "carried": carried_words(chain)}
    return Called(
        _("Part of a chain"),
        _("It is part of a chain of %(size)s: %(carried)s.", **facts),
        _(
            "It is part of a chain of %(size)s (%(carried)s): they are useful together, and each place answers for "
            "its own.",
            **facts,
        ),
    )


def _allowed(_facts: Mapping[str, Any]) -> Told:
    return _("The coordination allows it as food aid without an authorisation"), "check", "info"


def _not_allowed(_facts: Mapping[str, Any]) -> Told:
    return _("The coordination allows it as food aid no longer"), "cross", "dim"


def _readdressed(facts: Mapping[str, Any]) -> Told:
    if facts["for_food_aid"]:
        return _("For “%(name)s”, as food aid", name=facts["receiver"]), "users", "info"
    return _("For “%(name)s”, not as food aid", name=facts["receiver"]), "users", "info"


tells_act("food_aid_allowed", _allowed)
tells_act("food_aid_not_allowed", _not_allowed)
tells_act("readdressed", _readdressed)


@worded("product_missing")
def _product_missing(_facts: Facts) -> str:
    return _("Say what is to be carried: courgettes, apples, bread…")


@worded("bad_wish")
def _bad_wish(facts: Facts) -> str:
    return {
        "over": _("This is over. Choose a later day or time."),
        "order": _("It ends before it begins. Choose a later end, or an earlier start."),
        "too_long": _("Choose an end at most three months after the start."),
        "ready_before": _("It has to be ready after it can be collected. Choose a later day."),
        "ready_late": _("Choose a day at most two weeks after the last one to collect it."),
    }[facts["reason"]]


@worded("plan_lost")
def _plan_lost(_facts: Facts) -> str:
    return _("What you chose cannot be asked for any more. Choose among what is free now.")


@worded("part_lost")
def _part_lost(_facts: Facts) -> str:
    return _(
        "The part of the surplus that this chain would carry is not yours any more. "
        "Look at the offer: there may be some left."
    )


@worded("offer_lost")
def _offer_lost(_facts: Facts) -> str:
    return _(
        "The surplus that this chain would carry is not offered by you, or not any more. Look at the offer."
    )


@worded("part_too_small")
def _part_too_small(facts: Facts) -> str:
    if not facts["left"]:
        return _(
            "Another chain carries the whole part already, %(all)s. Give that one up first, or prepare this one "
            "without the part.",
            all=kilos(facts["grams"]),
        )
    return _(
        "Of this part, %(left)s are still to be carried: go back and plan for at most that much.",
        left=kilos(facts["left"]),
    )


@worded("draft_lost")
def _draft_lost(_facts: Facts) -> str:
    return _(
        "What this chain was drafted for is over or cancelled. Look at your chains, or prepare this one anew."
    )


@worded("draft_too_small")
def _draft_too_small(facts: Facts) -> str:
    if not facts["left"]:
        return _(
            "A chain was asked for all of it already, %(all)s. Give that one up first, or prepare this one anew.",
            all=kilos(facts["grams"]),
        )
    return _(
        "Of it, %(left)s are still to be carried: go back and plan for at most that much, or correct the weight first "
        "where it comes from.",
        left=kilos(facts["left"]),
    )


@worded("chain_just_asked")
def _chain_just_asked(_facts: Facts) -> str:
    return _("A chain was asked for it this very moment. Look at it, then try again.")


@worded("chain_over")
def _chain_over(_facts: Facts) -> str:
    return _("This chain is over: whom it was for stays as it was.")


@worded("leg_unfit")
def _leg_unfit(facts: Facts) -> str:
    return _(
        "“%(name)s” does not fit in this chain: %(why)s. Choose one of those below, or prepare another chain.",
        name=facts["name"],
        why=REASONS[Reason(facts["reason"])],
    )


@worded("food_aid_allowed")
def _food_aid_allowed(facts: Facts) -> str:
    return _(
        "It was already allowed, by %(who)s, %(moment)s: the reason given then stands on this page. "
        "For another reason, take it back first, then allow it anew.",
        who=doer_words(facts["by"], is_own=facts["is_own"]),
        moment=moment(facts["at"], facts["timezone"]),
    )
