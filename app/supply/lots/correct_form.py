"""What is typed to correct a lot: all that it says, filled in."""

from collections.abc import Sequence

from app.accounts.models import Organisation
from app.supply.cargo import KILO
from app.supply.edits import last_edit
from app.supply.lots.goods_form import GoodsForm
from app.supply.lots.models import Lot
from app.supply.lots.service import NewLot
from app.web.numbers import typed_number


class CorrectLotForm(GoodsForm):
    """What a lot really is."""

    def prepare(self, lot: Lot, origins: Sequence[Organisation]) -> None:
        """Offer those it can have come from."""
        self.ours, self.origins = [lot.organisation], origins
        self.offer_origins(origins)

    def show(self, lot: Lot) -> None:
        """Fill the form with what is written."""
        origin = lot.origin_organisation
        self.vu.data = str(last_edit(lot.__tablename__, lot.id))
        self.product.data, self.regime.data, self.packaging.data = (
            lot.product,
            lot.regime,
            lot.packaging or "",
        )
        self.amount.show(lot.grams)
        self.per_package.data = typed_number(lot.per_package / KILO) if lot.per_package else ""
        self.origin_of.data, self.origin.data = origin.public_id if origin else "", lot.origin
        self.received_on.data, self.use_by.data = lot.received_on, lot.use_by
        self.best_before.data = lot.best_before

    def corrected(self) -> NewLot:
        """Give what was typed."""
        return NewLot(**self.goods(self.origins))
