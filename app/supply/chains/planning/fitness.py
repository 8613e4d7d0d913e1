"""Whether a resource is fit for a cargo at all, and what the cargo takes of it: cold, weight, units, work. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from app.supply.cargo import PACKAGES, Cargo, Packaging, Regime, trips
from app.supply.chains.planning.world import HOUR, Atp, Means, Need, Reason, Task

MOST_TRIPS = 6  # who would have to go more often looks for a lorry
INSULATED_AT_MOST = HOUR  # what an insulated body keeps cold without a machine
COLD = 4.0  # °C

# Where what has to be kept at a temperature does no worse. Fruit and vegetables (4 to 8 °C) keep as long in a cold
# room (0 to 4 °C); what belongs in a cellar, among fruit and vegetables; dry goods, in a cellar. Never the other way,
# and nothing is frozen that was not.
KEEPS: Mapping[Regime, frozenset[Regime]] = MappingProxyType(
    {
        Regime.FROZEN: frozenset({Regime.FROZEN}),
        Regime.CHILLED: frozenset({Regime.CHILLED}),
        Regime.PRODUCE: frozenset({Regime.PRODUCE, Regime.CHILLED}),
        Regime.CELLAR: frozenset({Regime.CELLAR, Regime.PRODUCE}),
        Regime.AMBIENT: frozenset({Regime.AMBIENT, Regime.CELLAR}),
    }
)


def need_of(means: Means, cargo: Cargo) -> Need | Reason:
    """Tell what a cargo takes of a resource, or why it is not fit for it."""
    match means.task:
        case Task.DRIVE:
            return _driven(means, cargo)
        case Task.STORE:
            return _stored(means, cargo)
        case Task.PROCESS:
            return _processed(means, cargo)


def _driven(means: Means, cargo: Cargo) -> Need | Reason:
    if means.hold.grams is None and means.hold.litres is None and not means.hold.pallets:
        return Reason.LOAD_UNKNOWN
    most = most_driving(means, cargo.regime)
    if most == 0:
        return Reason.NOT_COLD_ENOUGH
    times = trips(cargo, means.hold)
    if times is None:
        return Reason.TOO_SMALL
    return Need(trips=times, most_driving=most) if times <= MOST_TRIPS else Reason.TOO_MANY_TRIPS


def most_driving(means: Means, regime: Regime) -> int | None:
    """Tell how long a vehicle may be on the road with what is kept at a temperature: None is as long as it takes.

    Frozen goods need class FRC: FRB reaches −10 °C and no further. Chilled goods need a machine that cools to 4 °C,
    or, for an hour, an insulated body. The rest may travel in anything.
    """
    if regime is Regime.FROZEN:
        return None if means.atp is Atp.FRC else 0
    if regime is not Regime.CHILLED:
        return None
    if means.atp in (Atp.FNA, Atp.FRB, Atp.FRC) or (means.coldest is not None and means.coldest <= COLD):
        return None
    return INSULATED_AT_MOST if means.atp in (Atp.IN, Atp.IR) else 0


def fit_until(means: Means, regime: Regime) -> int | None:
    """Tell until when a vehicle may carry what is kept so: as long as its certificate holds, where it rests on that."""
    if most_driving(replace(means, atp=None), regime) == most_driving(means, regime):
        return None
    return means.atp_until


def _stored(means: Means, cargo: Cargo) -> Need | Reason:
    if means.regime not in KEEPS[cargo.regime]:
        return Reason.OTHER_REGIME
    units = units_of(means, cargo)
    if units is None:
        return Reason.OTHER_UNIT
    if means.most_per_unit:
        units = max(units, -(-cargo.gross // means.most_per_unit))
    return Need(units) if units <= means.capacity else Reason.TOO_SMALL


def units_of(means: Means, cargo: Cargo) -> int | None:
    """Count the units of a store that a cargo takes; None where its packaging says nothing of them.

    Pallets stand on a square metre each. What accepts the packaging as a smaller unit says how many fill one.
    """
    per = means.packs.get(cargo.packaging)
    if (
        per and means.unit != "pallet"
    ):  # of pallets we know it ourselves: those under a cargo are counted with it
        return -(-cargo.packages // per)
    match means.unit:
        case "whole":
            return 1
        case "pallet" | "m2":
            return cargo.pallets
        case "half_pallet":
            return -(-2 * cargo.packages // PACKAGES[cargo.packaging].per_pallet)
        case "crate":
            return None if cargo.packaging is Packaging.BULK_BIN else cargo.packages
        case cargo.packaging.value:
            return cargo.packages
    return None


def _processed(means: Means, cargo: Cargo) -> Need | Reason:
    """Take as few of its posts as finish the work in one stay: each does its share of the whole throughput."""
    if not means.throughput:
        return Reason.WORK_UNKNOWN
    alone = cargo.grams * HOUR * means.capacity / means.throughput  # what a single post takes, in seconds
    posts = max(1, -(-int(alone) // means.longest))
    if posts > means.capacity:
        return Reason.TOO_SLOW
    return Need(quantity=posts, work=max(means.shortest, -(-int(alone) // posts)))
