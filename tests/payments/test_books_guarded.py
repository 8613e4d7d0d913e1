"""What the database itself refuses, whoever writes: unbalanced and unsealed entries, edits, deletions, replacements."""

import sqlite3

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.core.policy import Actor
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service
from app.payments.documents.service import issue
from app.payments.documents.service.numbering import next_number
from tests.databases import KIND
from tests.factories import a_resource, a_site
from tests.payments.books import TARIFF, Town, pay, raw, sound

ENTRY = "INSERT INTO ledger_entry (id, key, kind, at, territory_id, facts) VALUES (:id, :key, 'charge', '2026-09-01', :t, '{}')"
LEG = "INSERT INTO ledger_leg (entry_id, organisation_id, account, currency, cents) VALUES (:entry, :who, :account, 'EUR', :cents)"
SEAL = "INSERT INTO ledger_seal (entry_id) VALUES (:id)"
only_sqlite = pytest.mark.skipif(KIND != "sqlite", reason="only SQLite replaces rows, and has pragmas")


@pytest.fixture
def real(fresh_database, frozen):
    """A town that is really committed, in the context of its application."""
    with fresh_database.app.app_context():
        yield Town("kitchen", "a")


def enter(town: Town, *legs: tuple[str, int], sealed: bool = True, number: int = 900) -> None:
    """Write an entry as somebody who knows the tables and not the rules."""
    with atomic() as session:
        session.execute(text(ENTRY), {"id": number, "key": f"raw-{number}", "t": town.territory_id})
        for who, cents in legs:
            given = {"entry": number, "who": town.ids[who], "account": "cash", "cents": cents}
            session.execute(text(LEG), given)
        if sealed:
            session.execute(text(SEAL), {"id": number})


def test_an_entry_that_balances_for_each_is_taken(real):
    enter(real, ("kitchen", 5), ("kitchen", -5), ("a", 3), ("a", -3))
    assert db.session.scalar(text("SELECT COUNT(*) FROM ledger_leg")) == 4


@pytest.mark.parametrize(
    "legs",
    [
        (("kitchen", 5), ("kitchen", -4)),
        (("kitchen", 5), ("a", -5)),  # in all, but not for each
        (("kitchen", 5),),
        (),
    ],
)
def test_an_entry_that_does_not_is_refused(real, legs):
    with pytest.raises(DBAPIError, match="ledger_entry_unbalanced"):
        enter(real, *legs)
    assert db.session.scalar(text("SELECT COUNT(*) FROM ledger_entry")) == 0


def test_an_entry_without_a_seal_is_not_committed(real):
    with pytest.raises(IntegrityError):
        enter(real, ("kitchen", 5), ("kitchen", -5), sealed=False)
    assert db.session.scalar(text("SELECT COUNT(*) FROM ledger_leg")) == 0


def test_no_leg_comes_after_the_seal(real):
    enter(real, ("kitchen", 5), ("kitchen", -5))
    with pytest.raises(DBAPIError, match="ledger_entry_is_sealed"), atomic() as session:
        for cents in (7, -7):
            given = {"entry": 900, "who": real.ids["a"], "account": "cash", "cents": cents}
            session.execute(text(LEG), given)


APPENDED = {
    "ledger_entry": "key = 'other'",
    "ledger_leg": "cents = cents + 1",
    "ledger_seal": "entry_id = entry_id",
    "charge": "currency = 'USD'",
    "charge_line": "cents = 0",
    "charge_share": "cents = 1",
    "credit": "reason = ''",
    "credit_share": "cents = 1",
    "allocation": "cents = 1",
    "document_number": "number = 2",
    "document": "number = 'FA-2'",
    "document_part": "cents = 1",
}
KEPT = ("due", "payment", "refund", "dispute", "document_series")


def live(town: Town) -> None:
    """Put a row into each table of money."""
    due = town.owes("a", "kitchen", 1000)
    paid = pay(due)
    service.credit("cr", due.charge_id, "Erreur", 200)
    service.refund("re", paid.id, 200)
    service.dispute_opened("dp", paid.id, 100)
    next_number(town.ids["kitchen"], "invoice", "2026", "doc-1")
    next_number(town.ids["kitchen"], "invoice", "2026", "doc-2")
    issue(town.ids["kitchen"], town.ids["a"])


@pytest.mark.parametrize("table", APPENDED)
def test_nothing_that_is_written_is_changed(real, table):
    live(real)
    with pytest.raises(DBAPIError, match="money_is_append_only"):
        raw(f"UPDATE {table} SET {APPENDED[table]}")
    assert sound()


FIXED = {
    "due": ("cents = cents + 100", "payer_id = payer_id + 1000", "charge_id = 0"),
    "payment": (
        "payer_id = 0",
        "cents = cents + 1",
        "method = 'cash'",
        "at = '2020-01-01'",
        "facts = '{\"a\": 1}'",
    ),
    "refund": ("cents = cents + 1", "payment_id = 0", "method = 'cash'"),
    "dispute": ("cents = cents + 1", "reason = 'x'"),
    "envelope_hold": ("cents = 0", "envelope_id = 0", "state = 'held'"),
    "tariff_version": ("terms = NULL", "starts_at = '2020-01-01'", "number = 9"),
}


@pytest.mark.parametrize("table", FIXED)
def test_what_was_told_is_not_told_otherwise(real, table):
    live(real)
    given = real.envelope("kitchen", 5000, 5000)
    service.hold_envelope("held", given.id, real.ids["a"], 100)
    service.release_envelope("held")
    kitchen = a_resource(a_site(real.named["kitchen"]))
    service.publish_tariff(Actor(is_platform_admin=True), kitchen.id, TARIFF)
    for change in FIXED[table]:
        with pytest.raises(DBAPIError, match="money_is_fixed"):
            raw(f"UPDATE {table} SET {change}")
    if KIND == "sqlite" and table in ("envelope_hold", "tariff_version"):
        with pytest.raises(DBAPIError, match="money_is_fixed"):
            raw(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    assert sound()


@pytest.mark.parametrize("table", [*APPENDED, *KEPT])
def test_nothing_that_is_written_is_deleted(real, table):
    live(real)
    with pytest.raises(DBAPIError, match=r"money_is_(append_only|kept)"):
        raw(f"DELETE FROM {table}")
    if KIND == "postgres":
        with pytest.raises(DBAPIError, match="money_is_kept"):
            raw(f"TRUNCATE {table} CASCADE")
    assert sound()


@only_sqlite
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize("table", [*APPENDED, *KEPT])
def test_nothing_that_is_written_is_replaced(real, fresh_database, table, recursive):
    """Also not by a program that forgot the pragma without which a replacement fires no trigger of deletion."""
    live(real)
    db.session.remove()
    with sqlite3.connect(fresh_database.url.removeprefix("sqlite:///"), isolation_level=None) as bare:
        bare.execute(f"PRAGMA recursive_triggers = {recursive}")
        names = [row[1] for row in bare.execute(f"PRAGMA table_info({table})")]
        unnumbered = [name for name in names if name != "id"]
        for columns in (names, unnumbered):
            kept = ", ".join(columns)
            if columns is unnumbered and table in ("ledger_leg", "charge_share", "allocation"):
                continue  # without its number it is another row
            with pytest.raises(sqlite3.IntegrityError, match=r"money_is_|sealed|gap"):
                bare.execute(f"INSERT OR REPLACE INTO {table} ({kept}) SELECT {kept} FROM {table} LIMIT 1")
    bare.close()


def test_a_number_does_not_leave_a_gap(real):
    live(real)
    with pytest.raises(DBAPIError, match="document_numbers_have_no_gap"):
        raw(
            "INSERT INTO document_number (series_id, number, key, at) SELECT series_id, 4, 'x', at FROM document_number"
        )


def test_what_is_kept_beside_cannot_contradict_itself(real):
    live(real)
    for change in (
        "UPDATE due SET paid_cents = cents + 1",
        "UPDATE payment SET allocated_cents = cents + 1",
        "UPDATE payment SET returned_cents = cents, allocated_cents = 0, disputed_cents = 1",
    ):
        with pytest.raises(IntegrityError):
            raw(change)


def test_the_tables_go_with_what_is_in_them(real):
    """The migration can be taken back when there is money, too."""
    live(real)
    for act in (lambda: downgrade(revision="0019"), upgrade):
        db.session.remove()
        db.engine.dispose()
        act()
    live(Town("kitchen", "a"))
    assert sound()


@only_sqlite
def test_money_is_on_the_disk_before_it_is_told(real):
    def level() -> int:
        return int(db.session.execute(text("PRAGMA synchronous")).scalar_one())

    for durable, wanted in ((True, 2), (False, 1), (True, 2)):
        with atomic(durable=durable):
            assert level() == wanted


@pytest.mark.skipif(KIND != "postgres", reason="a setting of PostgreSQL")
def test_money_is_on_the_disk_before_it_is_told_on_postgres(real):
    for durable, wanted in ((True, "on"), (False, "off")):  # off: how the tests run their server
        with atomic(durable=durable) as session:
            assert session.scalar(text("SHOW synchronous_commit")) == wanted
