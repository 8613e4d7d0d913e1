"""Sharing what a plan would cost before it is asked for: with whom, by which key, and what each would bear."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _

from app.accounts.models import Organisation
from app.bookings.cost_forms import SharingForm, first_sharing_form
from app.bookings.views.borne import Borne, borne_rows
from app.core.errors import DomainError
from app.payments.estimates import PlannedUse
from app.payments.previews import Foreseen, foresee_plan, foresee_uses, shares_of
from app.payments.service import WantedSharing
from app.payments.service.outlook import look_at
from app.payments.splits.keys import KeyKind
from app.supply.offers.goods import plans_of, told_of
from app.supply.offers.models import SurplusClaim
from app.web.format import money
from app.web.words import explain


def shareable(uses: Sequence[PlannedUse], ours: Organisation, part: SurplusClaim | None) -> list[Foreseen]:
    """List what of a plan can be shared: each use that has a price, and the goods, where they are sold."""
    goods = plans_of([part]).get(part.public_id) if part else None
    sold = [foresee_plan(goods, told_of(part))] if part and goods else []
    return [*sold, *foresee_uses(uses, ours)]


def goods_words(part: SurplusClaim | None) -> str:
    """Say what the part of an offer costs that a chain would carry; nothing where we do not charge it."""
    plan = plans_of([part]).get(part.public_id) if part else None
    if part is None or plan is None:
        return ""
    amount = money(look_at(plan, told_of(part)).cents)
    return _("The goods: %(amount)s, paid to %(name)s", amount=amount, name=part.offer.organisation.name)


@dataclass
class SharingDesk:
    """What of a plan can be shared, the form as it was typed, and who would bear how much of it."""

    costs: Sequence[Foreseen]
    ours: Organisation
    known: Sequence[Organisation]
    form: SharingForm = field(init=False)

    def __post_init__(self) -> None:
        self.form = first_sharing_form(self.ours, self.known)

    @property
    def is_wanted(self) -> bool:
        """Tell whether it is to be shared: by default, who asks bears all of it."""
        return self.form.is_begun or self.form.key.data != KeyKind.SINGLE

    def read(self) -> WantedSharing | None:
        """Read how it is to be shared; None where something is wrong, which is said beside its field."""
        form = self.form
        wanted = form.read(self.ours.id, {each.public_id: each.id for each in self.known})
        if wanted is None:
            return None
        if not form.names_others:
            form.refuse("key", _("Choose below who shares it with you."))
            return None
        try:
            wanted.terms(self.ours.id)
        except DomainError as error:
            form.refuse("", explain(error))
            return None
        return wanted

    @property
    def is_wrong(self) -> bool:
        """Tell whether it is to be shared in a way that cannot be."""
        return self.is_wanted and self.read() is None

    @property
    def is_open(self) -> bool:
        """Tell whether something of it is only counted afterwards."""
        return any(each.is_open for each in self.costs)

    def borne(self) -> list[Borne]:
        """Tell who would bear how much, whom it is paid to; nothing where it is not to be shared, or not rightly."""
        is_right = self.costs and self.is_wanted and not self.form.errors
        wanted = self.read() if is_right else None
        if wanted is None:
            return []
        shares = shares_of(self.costs, wanted, self.ours.id)
        return borne_rows(shares, self.costs[0].currency)
