import pytest

from tests.api.world import Caller, World, token_of


@pytest.fixture
def world(session, frozen):
    return World()


@pytest.fixture
def anybody(app, client):
    return Caller(app, client)


@pytest.fixture
def member(app, client, world):
    return Caller(app, client, token_of(world.member))


@pytest.fixture
def other(app, client, world):
    return Caller(app, client, token_of(world.other))


@pytest.fixture
def manager(app, client, world):
    return Caller(app, client, token_of(world.manager))
