"""The letter of a recall: what somebody has of it, and whom to call."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.notifications.letters.facts import short
from app.notifications.letters.letter import Letter, link, rows
from app.supply.cargo_words import kilos
from app.supply.lots.models import Lot


@dataclass(frozen=True)
class About:
    """A lot that is recalled, why, and the lots of who reads it that came of it."""

    lot: Lot
    reason: str
    theirs: Sequence[Lot]


def lot_recalled(about: About) -> Letter:
    """Tell who has something of it not to hand it over."""
    lot, whose = about.lot, about.lot.organisation
    first = about.theirs[0] if about.theirs else lot
    named = ", ".join(f"{each.product} ({kilos(each.grams)}, {each.public_id})" for each in about.theirs)
    return Letter(
        subject=_("Recall: %(product)s", product=short(lot.product)),
        paragraphs=(
            _("“%(name)s” recalls something of which you have a part.", name=whose.name),
            _("Put it aside, hand none of it over, and call “%(name)s”.", name=whose.name),
            _("“%(name)s” gives this reason:", name=whose.name),
        ),
        quote=about.reason,
        facts=rows(
            (_("Lots"), named),
            (_("Came of lot"), f"{lot.product}, {lot.public_id}"),
            (_("Phone"), whose.phone),
        ),
        action=link(_("See the lot"), "lots.show", lot_ref=first.public_id),
    )
