"""Words for chains: what one carries, what a leg is there for, why one cannot be asked for."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

from app.supply.cargo_words import REGIMES, kilos, load_words, packages_words
from app.supply.chains.models import Chain, ChainStep
from app.supply.chains.planning.plan import Role
from app.web.format import distance, duration
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


def carried_rows(chain: Chain) -> list[tuple[str, str, str]]:
    """List what is to be known of a cargo: what, how packed, what that is on the road, how warm, from where."""
    cargo = chain.cargo
    rows = [
        (_("What"), _("%(kilos)s, %(product)s", kilos=kilos(chain.grams), product=chain.product), "list"),
        (_("Packed in"), packages_words(chain.packaging, cargo.packages), "storage"),
        (_("On the road"), load_words(cargo), "vehicle"),
        (_("Kept"), str(REGIMES[chain.regime]), "thermometer"),
    ]
    return [*rows, (_("From"), chain.from_place, "pin")] if chain.from_place else rows


def step_words(step: ChainStep, gap_minutes: int) -> dict[str, Any]:
    """Say what a leg is there for, how far it drives, what lies between it and what comes before."""
    return {
        "role": ROLES[step.role],
        "icon": ICONS[step.role],
        "road": _road(step) if step.role in _ROADS else "",
        "gap": _("At least %(length)s after what comes before it", length=duration(gap_minutes))
        if gap_minutes
        else "",
    }


def _road(step: ChainStep) -> str:
    trips = _n("%(num)s trip", "%(num)s trips", step.trips)
    if not step.metres:
        return trips
    return _("%(distance)s in all, %(trips)s", distance=distance(step.metres / 1000), trips=trips)


@worded("product_missing")
def _product_missing(_facts: Facts) -> str:
    return _("Say what is to be carried: courgettes, apples, bread…")


@worded("food_aid_allowed")
def _food_aid_allowed(_facts: Facts) -> str:
    return _("The coordination allows it already: its reason stands on this page.")
