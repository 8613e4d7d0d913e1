"""The measurement itself: it fills a database of any size without overbooking, and every row comes out."""

import pytest
from sqlalchemy import func, select

from app.bench import amounts, engine, money, planner, timing
from app.bench.seed import seed
from app.bench.timing import Pace, Row
from app.infra.db import db
from app.payments.models import Charge, ChargeLine, ChargeShare
from tests.races.writers import broken_promises


def test_a_small_database_is_filled_and_measured(fresh_database, monkeypatch):
    monkeypatch.setattr(engine, "compare_ms", lambda ours, raw, _runs: (float(not ours()), float(not raw())))
    monkeypatch.setattr(engine, "median_ms", lambda act, _runs: float(act() == ()))
    monkeypatch.setattr(engine, "DRAWS", 1)  # a few free hours are enough to see that each row comes out
    monkeypatch.setattr(engine, "ROUNDS", 1)
    told: list[str] = []
    with fresh_database.app.app_context():
        seed(20, 300, tell=told.append)
        assert told[-1] == "300 bookings"
        assert [problem for problem in broken_promises() if "overbooked" in problem] == []
        with engine.raw_driver() as raw:
            pace = Pace(timing.piece_of_work, 1.8)
            names = [row.name for row in engine.rows({"overlap check": 0.03}, raw, pace)]
    assert names[0] == "overlap check"
    assert len(names) == len(set(names)) == 10


def test_what_is_shared_is_all_there_is_both_ways(monkeypatch):
    monkeypatch.setattr(amounts, "compare_ms", lambda ours, bare, _runs: (float(ours()), float(bare())))
    charges = amounts.drawn_charges(amounts.CHARGES)
    (row,) = amounts.rows({"1,000 charges split": 70}, Pace(timing.piece_of_work, 1.8))
    assert row.value == row.baseline == sum(line.amount.cents for lines, _, _ in charges for line in lines)
    assert row.target == 70


def test_the_planner_is_measured_on_a_world_with_chains_in_it(fresh_database, monkeypatch):
    monkeypatch.setattr(planner, "RESOURCES", 60)
    monkeypatch.setattr(
        planner, "compare_ms", lambda ours, bare, _runs: (float(len(ours().plans)), float(bare()))
    )
    monkeypatch.setattr(planner, "ROUNDS", 1)
    pace = Pace(timing.piece_of_work, 1.8)
    drawn = planner.rows({}, pace)
    assert [row.value for row in drawn] == [3, 3]
    with fresh_database.app.app_context():
        seed(20, 40, tell=lambda _text: None)
        with engine.raw_driver() as raw:
            (proposed, _usual) = planner.proposing({"chains proposed, read to checked": 2000}, raw, pace)
    assert proposed.value == 3
    assert proposed.baseline is not None
    assert proposed.baseline >= 12
    assert proposed.target == 2000


def test_what_is_posted_is_the_same_both_ways(fresh_database, monkeypatch):
    monkeypatch.setattr(money, "CHARGES", 5)
    monkeypatch.setattr(money, "LEGS", 40)
    monkeypatch.setattr(money, "compare_ms", lambda ours, raw, _runs: (len(ours()), len(raw())))
    monkeypatch.setattr(money, "ROUNDS", 1)
    with fresh_database.app.app_context():
        seed(2, 5, tell=lambda _text: None)
        with engine.raw_driver() as raw:
            posted, balance = money.rows({"balance over 40 legs": 15}, raw, Pace(timing.piece_of_work, 1.8))
        charges = db.session.scalars(select(Charge.key)).all()
        totals = db.session.execute(
            select(func.sum(ChargeShare.cents), func.count())
            .join(ChargeLine, ChargeLine.id == ChargeShare.line_id)
            .join(Charge, Charge.id == ChargeLine.charge_id)
            .group_by(Charge.key.like("bare-%"))
        ).all()
    assert len(charges) == 10
    assert totals[0] == totals[1]
    assert posted.name == "5 charges split and posted"
    assert (balance.value, balance.baseline, balance.target) == (2, 2, 15)


@pytest.mark.parametrize(
    ("unit", "value", "target", "pace", "holds"),
    [
        ("ms", 20.0, 10.0, 1.0, False),
        ("ms", 20.0, 10.0, 2.0, True),
        ("/s", 60.0, 100.0, 1.0, False),
        ("/s", 60.0, 100.0, 2.0, True),
        ("rounds", 1.0, 0.0, 9.0, False),
    ],
)
def test_a_target_is_compared_at_the_pace_of_its_machine(unit, value, target, pace, holds):
    assert Row("a row", value, unit, None, target, pace).holds is holds


def test_the_pace_is_the_piece_of_work_over_its_reference(monkeypatch):
    monkeypatch.setattr(timing, "median_ms", lambda act, _runs: act())
    found, slow = Pace(lambda: 0.012, 0.004).around(lambda: "figure")
    assert (found, round(slow, 6)) == ("figure", 3.0)
