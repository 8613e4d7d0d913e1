"""The sentences about what a resource is made of, and the units it is asked for in."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.catalogue.kinds.words import amount
from app.web.format import number
from app.web.words import Facts, worded


def parts_words(parts: Sequence[tuple[str, int]]) -> str:
    """List the parts that come with a resource: "Four, Planches (4)"."""
    named = [_("%(name)s (%(num)s)", name=name, num=number(qty)) if qty > 1 else name for name, qty in parts]
    return ", ".join(named) or _("Nothing else so far")


def packs_words(unit: str, packs: Mapping[str, int]) -> str:
    """Say in which smaller units a resource may be asked for: "32 caisses de 60 × 40 pour 1 palette"."""
    one = amount(unit, 1)
    told = [_("%(many)s to %(one)s", many=amount(pack, per), one=one) for pack, per in packs.items()]
    return ", ".join(told) or _("No other so far")


@worded("bad_part")
def _bad_part(facts: Facts) -> str:
    match facts["reason"]:
        case "itself":
            return _("A resource cannot be a part of itself.")
        case "elsewhere":
            return _(
                "“%(part)s” is at another site: only what is at the same site can be a part.",
                part=facts["part"],
            )
        case "circle":
            return _(
                "“%(part)s” already takes this resource, itself or through others: they cannot take each other.",
                part=facts["part"],
            )
        case "none":
            return _("Enter at least 1, or nothing to leave it out.")
    return _n(
        "There is %(num)s in all: enter no more than that.",
        "There are %(num)s in all: enter no more than that.",
        facts["most"],
    )


@worded("bad_pack")
def _bad_pack(facts: Facts) -> str:
    match facts["reason"]:
        case "not_counted":
            return _("What is taken as a whole is not counted in smaller units.")
        case "same":
            return _("This is the unit it is counted in already.")
        case "out_of_bounds":
            return _("Enter a whole number from 1 to %(most)s.", most=number(facts["most"]))
    return _("Choose among the values offered.")


@worded("part_of_others")
def _part_of_others(facts: Facts) -> str:
    names = ", ".join(_("“%(name)s”", name=name) for name in facts["names"])
    return _("It is part of %(names)s. Edit what these take first, then archive it.", names=names)
