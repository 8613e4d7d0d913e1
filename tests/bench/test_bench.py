"""The measurement itself: it fills a database of any size without overbooking, and every row comes out."""

from app.bench import engine
from app.bench.seed import seed
from tests.races.writers import broken_promises


def test_a_small_database_is_filled_and_measured(fresh_database, monkeypatch):
    monkeypatch.setattr(engine, "compare_ms", lambda ours, raw, _runs: (float(not ours()), float(not raw())))
    monkeypatch.setattr(engine, "median_ms", lambda act, _runs: float(act() == ()))
    told: list[str] = []
    with fresh_database.app.app_context():
        seed(20, 300, tell=told.append)
        assert told[-1] == "300 bookings"
        assert [problem for problem in broken_promises() if "overbooked" in problem] == []
        names = [row.name for row in engine.rows({"overlap check": 0.03})]
    assert names[0] == "overlap check"
    assert len(names) == len(set(names)) == 6
