"""A prepared statement answers as the ordinary way does, on both databases."""

from sqlalchemy import bindparam, insert, select

from app.accounts.models import Territory
from app.availability.models import Hold
from app.infra.prepared import Prepared, columns_of
from tests.factories import a_territory


def test_what_is_prepared_gives_the_same_rows(session):
    here, there = a_territory(), a_territory()
    named = select(Territory.id * 2, Territory.name).where(Territory.id == bindparam("id"))
    for territory in (here, there):
        prepared = Prepared(named).run(session.connection(), {"id": territory.id}).all()
        ordinary = session.connection().execute(named, {"id": territory.id}).all()
        assert [tuple(row) for row in prepared] == [tuple(row) for row in ordinary]
        assert [tuple(row) for row in prepared] == [(territory.id * 2, territory.name)]


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
