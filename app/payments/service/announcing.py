"""What a payer says to a payee: that money is on its way. Nothing is paid by it until the payee notes what came."""

from app.accounts.models import Organisation
from app.core.errors import NotFound
from app.core.policy import Actor, require
from app.infra.db import db
from app.infra.uow import atomic
from app.payments.announced import service as announced
from app.payments.announced.models import Announcement
from app.payments.announced.queries import get_announcement, is_said, open_between
from app.payments.announced.rules import covered
from app.payments.announced.service import Said
from app.payments.books.postings import Pair
from app.payments.errors import MoreThanOwed, NothingOwed
from app.payments.policy import MoneyPermission
from app.payments.queries import open_dues
from app.payments.service.posting import positive


def announce(actor: Actor, pair: Pair, said: Said, key: str) -> Announcement:
    """Say that so much is on its way for what is owed.

    Raise NotFound, Forbidden, BadAmount, NothingOwed, MoreThanOwed.
    """
    with atomic():
        _keeping(actor, pair.payer_id)
        positive(said.cents)
        if not is_said(pair.payer_id, key):
            _refuse_too_much(pair, said)
        return announced.announce(actor, *pair, said, key)


def _refuse_too_much(pair: Pair, said: Said) -> None:
    """Raise NothingOwed, or MoreThanOwed where less is left to pay of what it is for."""
    owed = {due.public_id: due.owed_cents for due in open_dues(pair)}
    if not owed:
        raise NothingOwed
    on_its_way = covered(owed, [(each.due_ref, each.cents) for each in open_between(*pair)])
    left = sum(cents - on_its_way[ref] for ref, cents in owed.items() if said.due_ref in ("", ref))
    if said.cents > left:
        raise MoreThanOwed(left=left)


def take_back_announcement(actor: Actor, payer_id: int, announcement_ref: str) -> None:
    """Take back what was said. Raise NotFound, Forbidden."""
    with atomic():
        _keeping(actor, payer_id)
        announced.take_back(get_announcement(payer_id, announcement_ref).id)


def _keeping(actor: Actor, payer_id: int) -> None:
    payer = db.session.get(Organisation, payer_id)
    if payer is None:
        raise NotFound(organisation=payer_id)
    require(actor, MoneyPermission.KEEP_ACCOUNTS, payer)
