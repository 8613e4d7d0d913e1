"""Migrations and models say the same, and every step can be taken back, with data in the tables."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Integer, func, inspect, select, text

from app.bookings.models import Proposal
from app.infra.audit import AuditEntry
from app.infra.db import Base, Instant, db
from app.infra.job_table import Job
from app.infra.uow import atomic
from config import ROOT
from tests.conftest import dispose, make_app
from tests.databases import test_config as config_for

SCRIPTS = ScriptDirectory(str(ROOT / "migrations"))


@pytest.fixture
def bare_app(databases, tmp_path):
    url = databases.new(empty=True)
    app = make_app(config_for(url, tmp_path))
    yield app
    dispose(app)
    databases.drop(url)


def _ours(_object, name, kind, reflected, _compare) -> bool:
    return not (reflected and kind == "table" and name.startswith("procrastinate_"))


def _fill(app: Flask) -> None:
    """Put something real in the tables: the demo territory."""
    done = app.test_cli_runner().invoke(args=["demo", "load", "--anchor", "2026-09-01"])
    assert done.exit_code == 0, done.output


def _counts() -> dict[str, int]:
    tables = [
        table
        for table in Base.metadata.sorted_tables
        if table.name not in (Job.__tablename__, "job_schedule")
    ]
    counts = {table.name: db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}
    db.session.remove()
    return counts


def _close() -> None:
    db.session.remove()
    db.engine.dispose()


def test_there_is_one_line_of_migrations():
    assert len(SCRIPTS.get_heads()) == 1


def test_models_and_migrations_agree(app: Flask):
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": _ours})
        assert compare_metadata(context, Base.metadata) == []


def test_a_request_with_a_proposal_has_a_deadline_again_without_proposals(bare_app: Flask):
    with bare_app.app_context():
        upgrade()
        _close()
        _fill(bare_app)
        open_ones = db.session.execute(
            select(Proposal.booking_id, Proposal.expires_at).where(Proposal.state == "open")
        ).all()
        assert open_ones
        _close()
        downgrade(revision="0010")
        _close()
        pending = text("SELECT id, expires_at FROM booking WHERE decision = 'pending'")
        rows = db.session.execute(pending.columns(id=Integer, expires_at=Instant))
        left = {row.id: row.expires_at for row in rows}
        _close()
        assert None not in left.values()
        assert all(left[booking_id] <= expires_at for booking_id, expires_at in open_ones)


def test_up_down_up_with_data(bare_app: Flask):
    revisions = [script.revision for script in SCRIPTS.walk_revisions()]  # newest first
    with bare_app.app_context():
        upgrade()
        _close()
        _fill(bare_app)
        before = _counts()
        assert before["booking_approval"] > 1
        assert before["resource"] > 10
        assert before[AuditEntry.__tablename__] > 0
        for older in revisions[1:]:
            downgrade(revision=older)
            _close()
        stayed = set(inspect(db.engine).get_table_names())  # the rows of a newer table go with it
        _close()
        upgrade()
        _close()
        after = _counts()
        assert {name: after[name] for name in stayed & set(after)} == {
            name: before[name] for name in stayed & set(before)
        }
        assert after["booking"] > 100
        downgrade(revision="base")
        _close()
        left = set(inspect(db.engine).get_table_names()) - {"alembic_version"}
        assert left == set()
        upgrade()
        _close()
        with atomic() as session:
            assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0
        _close()


def test_parts_from_before_they_kept_a_price_cost_what_their_offer_does(bare_app: Flask):
    with bare_app.app_context():
        upgrade()
        _close()
        _fill(bare_app)
        _close()
        downgrade(revision="0048")
        _close()
        upgrade()
        _close()
        priced = "SELECT c.price_cents, o.price_cents FROM surplus_claim c JOIN surplus_offer o ON o.id = c.offer_id"
        prices = {tuple(row) for row in db.session.execute(text(priced))}
        _close()
        assert (60, 60) in prices
        assert all(of_part == of_offer for of_part, of_offer in prices)
