"""A prepared statement answers as the ordinary way does, on both databases."""

import pytest
from sqlalchemy import bindparam, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from app.accounts.models import Territory
from app.availability.models import Hold
from app.infra.db import db
from app.infra.prepared import Prepared, PreparedFor, columns_of
from tests.databases import KIND
from tests.factories import a_territory
from tests.helpers import count_queries


def test_what_is_prepared_gives_the_same_rows(session):
    here, there = a_territory(), a_territory()
    named = select(Territory.id * 2, Territory.name).where(Territory.id == bindparam("id"))
    for territory in (here, there):
        prepared = Prepared(named).run(session.connection(), {"id": territory.id}).all()
        ordinary = session.connection().execute(named, {"id": territory.id}).all()
        assert [tuple(row) for row in prepared] == [tuple(row) for row in ordinary]
        assert [tuple(row) for row in prepared] == [(territory.id * 2, territory.name)]
        with count_queries() as told:
            assert Prepared(named).rows(session.connection(), {"id": territory.id}) == prepared
        assert len(told) == 1


@pytest.mark.parametrize("count", [0, 1, 2])
def test_rows_of_some_numbers_are_the_same_one_by_one_and_together(session, count):
    chosen = [a_territory().id for _ in range(count)]
    asked = PreparedFor(select(Territory.id, Territory.name), Territory.id)
    assert sorted(map(tuple, asked.rows(session.connection(), chosen))) == sorted(
        map(tuple, session.execute(select(Territory.id, Territory.name).where(Territory.id.in_(chosen))))
    )


def test_what_the_driver_refuses_is_raised_as_the_ordinary_way_raises_it(session):
    prepared = Prepared(insert(Hold).returning(Hold.id), columns_of(Hold))
    homeless = {"territory_id": None, "organisation_id": None, "kind": "booking", "expires_at": None}
    with pytest.raises(IntegrityError) as refused, session.begin_nested():
        prepared.rows(session.connection(), homeless)
    assert "territory_id" in str(refused.value)


def test_what_is_inserted_prepared_is_there_whole(session):
    here = a_territory()
    prepared = Prepared(insert(Hold).inline(), columns_of(Hold))
    row = {"territory_id": here.id, "organisation_id": None, "kind": "booking"}
    for expiries in ([], [1], [2, 3, None]):
        prepared.run_each(session.connection(), [{**row, "expires_at": each} for each in expiries])
    found = session.execute(select(Hold.territory_id, Hold.organisation_id, Hold.kind, Hold.expires_at)).all()
    assert sorted(map(tuple, found), key=str) == sorted(
        [(here.id, None, "booking", each) for each in (1, 2, 3, None)], key=str
    )


@pytest.mark.skipif(KIND != "postgres", reason="SQLite has no connection to lose")
def test_a_connection_that_is_lost_is_said_to_be_and_goes_back_to_no_pool(fresh_database):
    with fresh_database.app.app_context():
        prepared = Prepared(select(Territory.id).where(Territory.id == bindparam("id")))
        with db.engine.connect() as lost, db.engine.connect() as other:
            pid = lost.scalar(text("SELECT pg_backend_pid()"))
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            with pytest.raises(OperationalError) as refused:
                prepared.rows(lost, {"id": 1})
            assert (refused.value.connection_invalidated, lost.invalidated) == (True, True)
        with db.engine.connect() as again:
            assert prepared.rows(again, {"id": 1}) == []
