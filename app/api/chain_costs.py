"""What a chain costs as the API answers it: each leg and the goods, and who bears how much of all of them."""

from collections import Counter
from collections.abc import Iterable

from app.accounts.queries import organisations_by_id
from app.api import writing
from app.api.writing import Json
from app.bookings.costs import Costs
from app.bookings.goods import Sold
from app.bookings.paid_directly import all_paid_directly, paid_directly
from app.bookings.views.bundle_costs import BundleCosts
from app.bookings.words.costs import is_nothing_due
from app.payments.service.outlook import Outlook, look_at
from app.payments.splits.splitting import Share


def write_costs(subject: BundleCosts) -> Json:
    """Write what somebody may see of it: what is given up and leaves nothing to pay is left out, as on the page."""
    due: list[Costs | Sold] = [
        *subject.goods, *(each for each in subject.elements if not is_nothing_due(each)),
    ]  # fmt: skip
    looked = [(each, look_at(each.plan, each.told)) for each in due]
    directly = all_paid_directly(subject.unreckoned)
    return {
        "currency": looked[0][1].currency if looked else "EUR",
        "cents": sum(outlook.cents for _each, outlook in looked),
        "paid_directly": writing.estimate(directly),
        "is_whole": subject.is_whole,
        "items": [_item(each, outlook) for each, outlook in looked]
        + [
            {
                "leg": leg.leg_number, "name": leg.resource.name, "cents": 0, "is_foreseen": False,
                "is_charged": False, "paid_directly": writing.estimate(paid_directly(leg)),
            }
            for leg in subject.unreckoned
        ],
        "borne": _borne(share for _each, outlook in looked for share in outlook.shares),
    }  # fmt: skip


def _item(each: Costs | Sold, outlook: Outlook) -> Json:
    return {
        "leg": None if isinstance(each, Sold) else each.booking.leg_number,
        "name": each.name,
        "cents": outlook.cents,
        "is_foreseen": bool(outlook.foreseen),
        "is_charged": each.plan.is_closed,
        "paid_directly": None,
    }


def _borne(shares: Iterable[Share]) -> list[Json]:
    """Add up who bears how much of what is paid to whom; what would be owed to oneself is recorded in kind."""
    cents = Counter[tuple[int, int]]()
    for share in shares:
        cents[share.payer_id, share.payee_id] += share.cents
    found = organisations_by_id({each for pair in cents for each in pair})
    named = {each.id: {"id": each.public_id, "slug": each.slug, "name": each.name} for each in found}
    rows = [
        {
            "payer": named[payer],
            "payee": named[payee],
            "cents": borne,
            "is_own": payer == payee,
        }
        for (payer, payee), borne in cents.items()
    ]
    return sorted(rows, key=lambda row: (row["payer"]["name"], row["payee"]["name"]))
