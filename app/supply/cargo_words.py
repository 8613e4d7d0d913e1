"""Words for a cargo: how it is packed and kept, what it weighs, what it is on the road."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

from app.supply.cargo import KILO, Cargo, Packaging, Regime
from app.web.format import number

REGIMES: Final[Mapping[str, Any]] = {
    Regime.AMBIENT: _l("Dry, 10 to 25 °C"),
    Regime.CELLAR: _l("Cellar, 8 to 12 °C"),
    Regime.PRODUCE: _l("Fruit and vegetables, 4 to 8 °C"),
    Regime.CHILLED: _l("Chilled, 0 to 4 °C"),
    Regime.FROZEN: _l("Frozen, −18 °C or colder"),
}
PACKAGINGS: Final[Mapping[str, Any]] = {
    Packaging.CRATE_60X40: _l("Crates of 60 × 40"),
    Packaging.CRATE_40X30: _l("Crates of 40 × 30"),
    Packaging.BULK_BIN: _l("Bulk bins"),
    Packaging.BAG: _l("Bags"),
}


def kilos(grams: int) -> str:
    """Write a weight: "400 kg", "12,5 kg"."""
    return _("%(number)s kg", number=number(grams / KILO))


def packages_words(packaging: str, count: int) -> str:
    """Count packages: "34 crates of 60 × 40", "8,334 bags"."""
    told = number(count)
    match packaging:
        case Packaging.CRATE_60X40:
            return _n("%(count)s crate of 60 × 40", "%(count)s crates of 60 × 40", count, count=told)
        case Packaging.CRATE_40X30:
            return _n("%(count)s crate of 40 × 30", "%(count)s crates of 40 × 30", count, count=told)
        case Packaging.BULK_BIN:
            return _n("%(count)s bulk bin", "%(count)s bulk bins", count, count=told)
        case _:
            return _n("%(count)s bag", "%(count)s bags", count, count=told)


def load_words(cargo: Cargo) -> str:
    """Say what a cargo is on the road: pallets, and what it weighs with all it stands on."""
    pallets = _n("%(num)s pallet", "%(num)s pallets", cargo.pallets)
    gross = kilos(cargo.gross)
    return _("%(pallets)s, %(gross)s with the packaging", pallets=pallets, gross=gross)
