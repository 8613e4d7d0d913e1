"""Whatever happens in whatever order, every invariant holds; and when all is taken back, nothing is left anywhere."""

import random
from collections import Counter

import pytest
from sqlalchemy import select

from app.core.errors import DomainError
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service
from app.payments.books.postings import Method
from app.payments.models import Charge, Dispute, Due, Envelope, EnvelopeHold, Payment, Refund
from app.payments.splits.keys import by_weights
from tests.payments.books import Town, sound

SEEDS, ACTS = 6, 60
PAYEES, PAYERS = ("kitchen", "van"), ("a", "b", "kitchen")


class Story:
    """A drawn sequence of acts on one town; what is refused changes nothing."""

    def __init__(self, town: Town, seed: int) -> None:
        self.town, self.dice, self.done = town, random.Random(seed), Counter[str]()
        self.envelope = town.envelope("pat", 4000, 30_000, most_cents=5000)
        self.acts = {
            self.charge: 5, self.hold: 1, self.release: 1, self.pay: 6, self.use: 2, self.refund: 3, self.bounce: 1,
            self.credit: 3, self.dispute: 2, self.decide: 2, self.fee: 1,
            self.hear_of_a_refund: 1,
        }  # fmt: skip

    def act(self) -> None:
        [chosen] = self.dice.choices([*self.acts], [*self.acts.values()])
        try:
            chosen()
            self.done[chosen.__name__] += 1
        except (DomainError, Nothing):
            self.done["refused"] += 1

    def drawn(self, rows):
        found = db.session.scalars(rows).all()
        if not found:
            raise Nothing
        return self.dice.choice(found)

    def cents(self, most: int) -> int:
        return self.dice.randint(1, max(most + most // 10, 1))  # at times a little too much

    def charge(self) -> None:
        town, dice = self.town, self.dice
        lines = [town.line(dice.choice(PAYEES), dice.randrange(5000)) for _ in range(dice.randint(1, 3))]
        weights = {town.ids[payer]: dice.randint(1, 5) for payer in dice.sample(PAYERS, dice.randint(1, 3))}
        keys = db.session.scalars(select(EnvelopeHold.key).filter_by(state="held").limit(1)).all()
        with atomic(durable=True):
            subsidies = service.lock_subsidies(town.ids["a"], [self.envelope.id], hold_keys=keys).values()
            town.charge(*lines, by=by_weights(weights), subsidies=subsidies, hold_keys=tuple(keys))

    def hold(self) -> None:
        key = f"hold-{self.dice.random()}"
        service.hold_envelope(key, self.envelope.id, self.town.ids["a"], self.cents(3000))

    def release(self) -> None:
        service.release_envelope(self.drawn(select(EnvelopeHold.key)))

    def pay(self) -> None:
        due = self.drawn(select(Due))
        same = select(Due.id).filter_by(payer_id=due.payer_id, payee_id=due.payee_id)
        dues = [due.id, *db.session.scalars(same.limit(self.dice.randrange(3)))]
        method = self.dice.choice(
            [each for each in Method if each is not Method.OFFSET]
        )  # that comes in pairs
        service.record_payment(f"pi-{self.dice.random()}", dues, self.cents(due.cents), method)

    def use(self) -> None:
        payment = self.drawn(select(Payment))
        same = select(Due.id).filter_by(payer_id=payment.payer_id, payee_id=payment.payee_id)
        service.allocate(payment.id, db.session.scalars(same).all())

    def refund(self) -> None:
        payment = self.drawn(select(Payment))
        service.refund(f"re-{self.dice.random()}", payment.id, self.cents(payment.cents))

    def bounce(self) -> None:
        service.refund_failed(self.drawn(select(Refund.key)))

    def credit(self) -> None:
        charge = self.drawn(select(Charge))
        cents = self.dice.choice([None, self.cents(2000)])
        service.credit(f"cr-{self.dice.random()}", charge.id, "Erreur", cents)

    def dispute(self) -> None:
        payment = self.drawn(select(Payment))
        service.dispute_opened(f"dp-{self.dice.random()}", payment.id, self.cents(payment.cents))

    def decide(self) -> None:
        decide = self.dice.choice([service.dispute_won, service.dispute_lost])
        decide(self.drawn(select(Dispute.key)))

    def hear_of_a_refund(self) -> None:
        payment = self.drawn(select(Payment))
        service.refund(f"told-{self.dice.random()}", payment.id, self.cents(payment.cents), is_done=True)

    def fee(self) -> None:
        service.fee(f"fee-{self.dice.random()}", self.drawn(select(Payment.id)), 25)

    def take_all_back(self) -> None:
        """Decide what is open, cancel every charge, give all money back, give up what is held."""
        for key in db.session.scalars(select(Dispute.key).filter_by(state="open")).all():
            service.dispute_won(key)
        for dispute in db.session.scalars(select(Dispute).filter_by(state="lost")).all():
            if dispute.beyond_cents:
                service.dispute_repaid(dispute.key, Method.TRANSFER)
        for hold in db.session.scalars(select(EnvelopeHold).filter_by(state="held")).all():
            service.release_envelope(hold.key)
        for charge in db.session.scalars(select(Charge)).all():
            try:
                service.credit(f"end-{charge.id}", charge.id, "Fin")
            except DomainError:  # nothing of it is left
                continue
        for payment in db.session.scalars(select(Payment)).all():
            if payment.refundable_cents:
                service.refund(f"end-{payment.id}", payment.id, payment.refundable_cents)


class Nothing(Exception):
    """There is nothing yet that this could be done to."""


@pytest.mark.parametrize("seed", range(SEEDS))
def test_everything_holds_all_along_and_all_comes_to_nothing(town: Town, seed: int):
    story = Story(town, seed)
    for number in range(ACTS):
        story.act()
        if number % 10 == 9:
            assert sound()
    assert len(story.done) >= 8, story.done
    story.take_all_back()
    assert sound()
    envelope = db.session.scalars(select(Envelope), execution_options={"populate_existing": True}).one()
    assert (envelope.held_cents, envelope.spent_cents) == (0, 0)
    for name in town.ids:
        left = town.books(name)
        fees = left.pop("fee", 0)
        assert sum(left.values()) == -fees
        assert set(left) <= {"cash", "clearing"}, left  # only the fees are gone
    assert {due.owed_cents for due in db.session.scalars(select(Due))} <= {0}
