"""Envelopes: held at approval, spent when charged, given back when cancelled, and never below zero."""

from datetime import date

import pytest

from app.core.errors import NotFound
from app.core.money import CurrenciesMixed
from app.infra.uow import atomic
from app.payments import service
from app.payments.amount_errors import BadSubsidy
from app.payments.errors import BadEnvelope, BudgetTooLow, EnvelopeShort, HoldEnded, KeyReused
from app.payments.queries import dues_of, envelopes_on
from app.payments.splits.keys import alone
from tests.payments.books import Town, sound


def subsidised(town: Town, envelope, cents: int, *hold_keys: str, who: str = "a"):
    """Charge somebody, with what the envelope pays."""
    with atomic(durable=True):
        subsidies = service.lock_subsidies(town.ids[who], [envelope.id], hold_keys=hold_keys).values()
        return town.charge(
            town.line("kitchen", cents), by=alone(town.ids[who]), subsidies=subsidies, hold_keys=hold_keys
        )


def test_what_is_held_is_left_for_nobody_else(town: Town):
    envelope = town.envelope("pat", 10_000, 1000)
    service.hold_envelope("b1", envelope.id, town.ids["a"], 700)
    assert (envelope.held_cents, envelope.left_cents) == (700, 300)
    with pytest.raises(EnvelopeShort) as refused:
        service.hold_envelope("b2", envelope.id, town.ids["b"], 301)
    assert refused.value.facts == {"name": "Aide", "left": 300, "asked": 301}
    assert {due.payer_id: due.cents for due in dues_of(subsidised(town, envelope, 500, who="b").id)} == {
        town.ids["pat"]: 300,
        town.ids["b"]: 200,
    }
    assert sound()


def test_a_hold_told_twice_is_one(town: Town):
    envelope = town.envelope("pat", 10_000, 1000)
    for _ in range(2):
        service.hold_envelope("b1", envelope.id, town.ids["a"], 700)
    assert envelope.held_cents == 700
    with pytest.raises(KeyReused):
        service.hold_envelope("b1", envelope.id, town.ids["a"], 600)


def test_what_was_held_is_spent_and_the_rest_is_free_again(town: Town):
    envelope = town.envelope("pat", 5000, 1000)
    service.hold_envelope("b1", envelope.id, town.ids["a"], 1000)
    subsidised(town, envelope, 1600, "b1")
    assert (envelope.held_cents, envelope.spent_cents, envelope.left_cents) == (0, 800, 200)
    for refusing in (lambda: service.release_envelope("b1"), lambda: subsidised(town, envelope, 10, "b1")):
        with pytest.raises(HoldEnded):
            refusing()
    assert sound()


def test_what_is_released_is_free_again(town: Town):
    envelope = town.envelope("pat", 5000, 1000)
    service.hold_envelope("b1", envelope.id, town.ids["a"], 1000)
    for _ in range(2):
        service.release_envelope("b1")
    assert (envelope.held_cents, envelope.left_cents) == (0, 1000)
    with pytest.raises(HoldEnded) as refused:
        subsidised(town, envelope, 10, "b1")
    assert refused.value.facts == {"state": "released"}
    assert sound()


def test_a_charge_taken_back_gives_the_envelope_back_its_part(town: Town):
    envelope = town.envelope("pat", 6000, 1000)
    charge = subsidised(town, envelope, 1000)
    service.credit("half", charge.id, "Moitié", 500)
    assert envelope.spent_cents == 300
    service.credit("rest", charge.id, "Annulé")
    assert envelope.spent_cents == 0
    assert town.books("pat") == {}
    assert sound()


def test_an_organisation_has_no_more_than_its_part(town: Town):
    envelope = town.envelope("pat", 5000, 100_000, most_each_cents=1000)
    service.hold_envelope("b1", envelope.id, town.ids["a"], 300)
    subsidised(town, envelope, 1000)
    with atomic():
        [subsidy] = service.lock_subsidies(town.ids["a"], [envelope.id]).values()
        [own] = service.lock_subsidies(town.ids["a"], [envelope.id], hold_keys=["b1"]).values()
        [other] = service.lock_subsidies(town.ids["b"], [envelope.id]).values()
    assert [each.left_for_organisation for each in (subsidy, own, other)] == [200, 500, 1000]


def test_a_charge_never_takes_more_than_there_is(town: Town):
    """Reckoned before, without the lock: what is left is looked at again."""
    envelope = town.envelope("pat", 10_000, 1000)
    with atomic():
        stale = service.lock_subsidies(town.ids["a"], [envelope.id]).values()
    service.hold_envelope("b1", envelope.id, town.ids["b"], 900)
    with pytest.raises(EnvelopeShort):
        town.charge(town.line("kitchen", 500), by=alone(town.ids["a"]), subsidies=stale)
    assert town.books("kitchen") == {}
    assert sound()


def test_a_budget_may_change_down_to_what_is_promised(town: Town):
    envelope = town.envelope("pat", 10_000, 1000)
    service.hold_envelope("b1", envelope.id, town.ids["a"], 700)
    assert service.change_budget(envelope.id, 700).left_cents == 0
    with pytest.raises(BudgetTooLow) as refused:
        service.change_budget(envelope.id, 699)
    assert refused.value.facts == {"asked": 699, "least": 700}


def test_an_envelope_is_found_by_a_day_in_it(town: Town):
    envelope = town.envelope("pat", 10_000, 1000)
    days = date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1)
    found = [envelopes_on([envelope.programme_id], day).get(envelope.programme_id) for day in days]
    assert found == [envelope, envelope, None]


def test_an_envelope_pays_only_in_its_currency(town: Town):
    envelope = town.envelope("pat", 10_000, 1000, currency="CHF")
    with pytest.raises(CurrenciesMixed):
        subsidised(town, envelope, 500)
    assert sound()


def test_what_cannot_be_is_refused(town: Town):
    with pytest.raises(BadSubsidy):
        town.envelope("pat", 10_001, 1000)
    envelope = town.envelope("pat", 10_000, 1000)
    programme, spring, year = envelope.programme_id, date(2026, 4, 1), date(2027, 1, 1)
    for reason, new in (
        ("period", service.NewEnvelope(programme, year, year, 1)),
        ("budget", service.NewEnvelope(programme, year, date(2028, 1, 1), -1)),
        ("overlap", service.NewEnvelope(programme, spring, date(2028, 1, 1), 1)),
    ):
        with pytest.raises(BadEnvelope) as refused:
            service.open_envelope(new)
        assert refused.value.facts == {"reason": reason}
    with pytest.raises(NotFound):
        service.open_envelope(service.NewEnvelope(0, spring, year, 1))
    with pytest.raises(NotFound):
        service.hold_envelope("b1", 0, town.ids["a"], 1)
    with pytest.raises(NotFound):
        service.release_envelope("nobody")
    with pytest.raises(EnvelopeShort):
        service.hold_envelope("b1", envelope.id, town.ids["a"], -1)
