"""Words for chains: what a leg is there for, what it does, why one cannot be asked for."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.supply.chains.planning.plan import Role
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


@worded("product_missing")
def _product_missing(_facts: Facts) -> str:
    return _("Say what is to be carried: courgettes, apples, bread…")
