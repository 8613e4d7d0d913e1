"""Organisations that owe each other, each with somebody who keeps its accounts."""

from app.accounts.models import LegalNature
from app.core.policy import Actor
from app.infra.db import db
from app.infra.uow import atomic
from app.payments.books.postings import Pair
from app.payments.models import Due
from app.payments.settlement import service
from app.payments.settlement.models import Settlement
from tests.payments.books import Town


class SettlingTown(Town):
    """A town in which everybody has a treasurer; `mairie` is a public body where there is one."""

    def __init__(self, *names: str) -> None:
        super().__init__(*names)
        with atomic():
            for name, each in self.named.items():
                each.name = name
                each.legal_nature = LegalNature.PUBLIC if name == "mairie" else LegalNature.NONPROFIT

    def keeper(self, name: str) -> Actor:
        """Give who keeps the accounts of one of them."""
        return Actor(memberships={self.ids[name]: "treasurer"})

    def set_off(self, one: str, other: str, cents: int, key: str = "once") -> Settlement:
        """Let one set off what both owe each other."""
        return service.set_off(self.keeper(one), self.ids[one], self.ids[other], cents, key)

    def propose(self, name: str, key: str = "once") -> Settlement:
        """Let one propose to settle with several."""
        return service.propose(self.keeper(name), self.ids[name], key)

    def accept(self, made: Settlement, *names: str) -> str:
        """Let some agree, one after the other."""
        state = made.state
        for name in names:
            state = service.accept(self.keeper(name), made.id, self.ids[name])
        return state

    def owed(self) -> dict[tuple[str, str], int]:
        """Tell who owes whom how much now, by their names."""
        db.session.expire_all()
        by_id = {number: name for name, number in self.ids.items()}
        found: dict[Pair, int] = {}
        for due in db.session.query(Due):
            pair = Pair(due.payer_id, due.payee_id)
            found[pair] = found.get(pair, 0) + due.owed_cents
        return {(by_id[payer], by_id[payee]): cents for (payer, payee), cents in found.items() if cents}
