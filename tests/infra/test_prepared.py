"""A prepared statement answers as the ordinary way does, on both databases."""

from sqlalchemy import bindparam, select

from app.accounts.models import Territory
from app.infra.prepared import Prepared
from tests.factories import a_territory


def test_what_is_prepared_gives_the_same_rows(session):
    here, there = a_territory(), a_territory()
    named = select(Territory.id * 2, Territory.name).where(Territory.id == bindparam("id"))
    for territory in (here, there):
        prepared = Prepared(named).run(session.connection(), {"id": territory.id}).all()
        ordinary = session.connection().execute(named, {"id": territory.id}).all()
        assert [tuple(row) for row in prepared] == [tuple(row) for row in ordinary]
        assert [tuple(row) for row in prepared] == [(territory.id * 2, territory.name)]
