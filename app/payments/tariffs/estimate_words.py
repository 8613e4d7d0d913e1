"""What something would cost, in sentences: to pay, borne by others, given in kind, and counted afterwards."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from flask_babel import gettext as _

from app.payments.tariffs.estimating import Estimate
from app.payments.tariffs.words import unit_price
from app.web.format import money


class Named(NamedTuple):
    """Whom an estimate names, because whoever reads it is not the one: empty where it is said to them.

    `asker`: for whom it is lowered; `payers`: who pays what nobody else bears.
    """

    asker: str = ""
    payers: str = ""


YOU: Final = Named()


def estimate_words(found: Estimate | None, payers: Mapping[int, str], named: Named = YOU) -> list[str]:
    """Say what something would cost; nothing where nothing is reckoned."""
    return _said(found, _cost(found, payers, named), named) if found is not None else []


def estimate_fact(found: Estimate | None, payers: Mapping[int, str], named: Named = YOU) -> str:
    """Say it in one line, for beside the word “cost”; nothing where nothing is reckoned."""
    return " · ".join(_said(found, _amount(found, payers, named), named)) if found is not None else ""


def aside_words(found: Estimate | None) -> list[str]:
    """Say what of a cost is paid without us, at prices that are only shown."""
    if found is None or not found.cents:
        return []
    amount = money(found.cents, found.currency)
    return [_("of which %(amount)s at prices only shown, to be paid directly to the place", amount=amount)]


def _said(found: Estimate, lead: str, named: Named) -> list[str]:
    prices = [unit_price(each.meter, each.unit_cents) for each in found.later if each.unit_cents]
    if not (found.cents or found.in_kind_cents or prices):
        return [_("Free of charge")]
    said = [lead] if found.cents or not found.in_kind_cents else []
    given = money(found.in_kind_cents, found.currency)
    if found.in_kind_cents and not found.cents:
        said.append(_("Worth %(amount)s, given free of charge", amount=given))
    elif found.in_kind_cents and named.asker:
        said.append(
            _("Reduced price for %(name)s, already counted: %(amount)s less", name=named.asker, amount=given)
        )
    elif found.in_kind_cents:
        said.append(_("Reduced price for your organisation, already counted: %(amount)s less", amount=given))
    return said + [_("plus %(price)s, counted afterwards", price=price) for price in prices]


def _cost(found: Estimate, payers: Mapping[int, str], named: Named) -> str:
    said = _parts(found, payers, named)
    if not found.borne_cents:
        return _("Estimated cost: %(amount)s", **said)
    if named.payers:
        return _(
            "Estimated cost: %(amount)s, of which %(part)s borne by %(who)s and %(left)s by %(payers)s",
            **said,
        )
    return _("Estimated cost: %(amount)s, of which %(part)s borne by %(who)s; you pay %(left)s", **said)


def _amount(found: Estimate, payers: Mapping[int, str], named: Named) -> str:
    said = _parts(found, payers, named)
    if not found.borne_cents:
        return said["amount"]
    if named.payers:
        return _("%(amount)s, of which %(part)s borne by %(who)s and %(left)s by %(payers)s", **said)
    return _("%(amount)s, of which %(part)s borne by %(who)s; you pay %(left)s", **said)


def _parts(found: Estimate, payers: Mapping[int, str], named: Named) -> dict[str, str]:
    """Write the amounts of an estimate, and who bears them."""
    return {
        "amount": money(found.cents, found.currency),
        "part": money(found.borne_cents, found.currency),
        "left": money(found.cents - found.borne_cents, found.currency),
        "who": ", ".join(payers[each.payer_id] for each in found.borne),
        "payers": named.payers,
    }
