"""A demo whose Stripe is played in a file: every process finds it there, and it outlives each of them."""

import pytest

from app.accounts import queries as accounts
from app.accounts.models import Role
from app.infra import jobs
from app.payments.stripe import service
from app.payments.stripe.fake.playing import home
from tests.conftest import dispose, make_app
from tests.databases import test_config as config_for
from tests.factories import a_member, a_territory, an_organisation


@pytest.fixture
def demo(databases, tmp_path):
    """An application on a database of its own, which pays by a played Stripe."""
    url = databases.new()
    app = make_app(config_for(url, tmp_path, STRIPE_SIMULATION="1"))
    yield app
    dispose(app)
    databases.drop(url)


@pytest.fixture
def payee_id(demo):
    """Somebody of the demo who can be paid on line."""
    with demo.app_context():
        payee = an_organisation(a_territory())
        found, admin = payee.id, a_member(payee, role=Role.ORG_ADMIN)
        service.begin_account(accounts.load_actor(admin.id), found)
        jobs.run_due(demo)
        with home().open() as world:
            account_id = next(name for name in world.things if name.startswith("acct_"))
            world.complete_account(account_id)
        service.look_at_account(account_id)
    return found
