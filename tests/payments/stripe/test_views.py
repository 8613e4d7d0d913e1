"""The pages: of a payment, of a payee's account, and those of the played Stripe."""

from datetime import timedelta
from typing import Any

import pytest

from app.accounts.models import LegalNature, Role, Territory
from app.core import clock
from app.core.policy import Actor
from app.infra import jobs
from app.payments.service import switch_money
from app.payments.stripe import queries, service
from app.payments.stripe.fake.client import down
from app.payments.stripe.fake.playing import let_time_pass
from tests.conftest import dispose, make_app
from tests.databases import test_config as config_for
from tests.factories import a_member, a_territory, an_organisation


def a_money_territory() -> Territory:
    """A territory that reckons with money."""
    made = a_territory()
    switch_money(Actor(coordinated=frozenset({made.id})), made.id, is_on=True)
    return made


@pytest.fixture
def admin(stage):
    """Somebody who administers an organisation that has no account at Stripe yet."""
    return a_member(
        an_organisation(a_money_territory(), slug="la-fourche", name="La Fourche"), role=Role.ORG_ADMIN
    )


HOME, PAGE = "/structures/la-fourche", "/structures/la-fourche/paiement-en-ligne"


def test_the_way_of_a_payee(stage, client, admin, login):
    login(client, admin)
    assert PAGE in client.get(HOME).text
    assert "Ouvrir un compte" in client.get(PAGE).text
    assert client.post(PAGE).status_code == 303
    shown = client.get(PAGE).text
    assert "le compte bancaire qui reçoit l’argent" in shown
    there = client.get(f"{PAGE}/continuer")
    assert there.status_code == 303
    account = there.headers["Location"].partition("/comptes/")[2].partition("?")[0]
    stage.world.complete_account(account)
    assert client.get(f"{PAGE}/retour").headers["Location"] == PAGE
    assert "Vos payeurs voient" in client.get(PAGE).text


def test_stripe_is_silent_while_a_payee_begins(stage, client, admin, login):
    login(client, admin)
    stage.client.faults = [down, down]
    client.post(PAGE)
    shown = client.get(PAGE)
    assert "Stripe ne répond pas" in shown.text
    assert client.get(f"{PAGE}/continuer").headers["Location"] == PAGE
    assert client.get(f"{PAGE}/continuer").status_code == 303


def test_a_public_body_reads_why_and_what_instead(stage, client, login):
    town = an_organisation(a_money_territory(), slug="mairie", name="Mairie", legal_nature=LegalNature.PUBLIC)
    login(client, a_member(town, role=Role.ORG_ADMIN))
    for ask in (client.get, client.post):
        refused = ask("/structures/mairie/paiement-en-ligne")
        assert refused.status_code == 403
        assert "comptable public" in refused.text
        assert "PayFiP" in refused.text
    assert "paiement-en-ligne" not in client.get("/structures/mairie").text


def test_others_are_refused(stage, client, admin, login):
    assert client.get(PAGE).status_code == 303
    login(client, a_member(queries.get_organisation("la-fourche")))
    assert client.get(PAGE).status_code == 403
    assert PAGE not in client.get(HOME).text


def test_the_page_of_a_payment(stage, client):
    address = f"/paiements/{stage.begin()}"
    shown = client.get(address).text
    assert "25,00" in shown
    assert f'href="{address}/payer"' in shown
    there = client.get(f"{address}/payer")  # before the job had its turn
    assert there.headers["Location"] == stage.row().url
    stage.run()
    stage.world.pay(stage.row().session_id or "")
    assert client.get(f"{address}/retour").headers["Location"] == address
    shown = client.get(address).text
    assert "Les Glaneurs a reçu votre paiement" in shown
    assert "/payer" not in shown
    assert client.get(f"{address}/payer").headers["Location"] == address


@pytest.mark.parametrize(
    "state, words",
    [
        ("processing", "prélèvement est en cours"),
        ("expired", "délai pour payer est passé"),
        ("failed", "prélèvement a été refusé"),
        ("refused", "Stripe n’a pas accepté"),
    ],
)
def test_what_became_of_it_is_said(stage, client, state, words):
    from app.infra.uow import atomic

    address = f"/paiements/{stage.begin()}"
    with atomic():
        stage.row().state = state
    shown = client.get(address).text
    assert words in shown
    assert "/payer" not in shown


def test_stripe_is_silent_while_somebody_wants_to_pay(stage, client):
    address = f"/paiements/{stage.begin()}"
    stage.client.faults = [down]
    assert client.get(f"{address}/payer").headers["Location"] == address
    assert "Stripe ne répond pas" in client.get(address).text


def test_nothing_of_it_is_there_while_money_is_off(stage, client, login):
    login(client, a_member(an_organisation(a_territory(), slug="la-fourche"), role=Role.ORG_ADMIN))
    for address in (PAGE, f"{PAGE}/continuer", f"{PAGE}/retour"):
        assert client.get(address).status_code == 404
    assert client.post(PAGE).status_code == 404
    assert "en-ligne" not in client.get(HOME).text


def test_nothing_of_it_is_there_without_stripe(client, session, login):
    organisation = an_organisation(a_territory(), slug="la-fourche")
    login(client, a_member(organisation, role=Role.ORG_ADMIN))
    for address in (PAGE, f"{PAGE}/continuer", "/paiements/ABCDEFGHJKMN", "/paiements/ABCDEFGHJKMN/payer"):
        assert client.get(address).status_code == 404
    assert "en-ligne" not in client.get(HOME).text


# -- the simulation of a demo ---------------------------------------------------------------------------------


@pytest.fixture
def demo(databases, tmp_path):
    url = databases.new()
    app = make_app(config_for(url, tmp_path, STRIPE_SIMULATION="1"))
    yield app
    dispose(app)
    databases.drop(url)


@pytest.mark.parametrize(
    "way, states",
    [("card", ("paid",)), ("debit", ("processing", "paid")), ("refused_debit", ("processing", "failed"))],
)
def test_a_simulated_payment_from_end_to_end(demo, frozen, login, way, states):
    client: Any = demo.test_client()
    with demo.app_context():
        payee = an_organisation(a_money_territory(), slug="la-fourche", name="La Fourche")
        payee_id = payee.id
        login(client, a_member(payee, role=Role.ORG_ADMIN))
    client.post(PAGE)
    there = client.get(f"{PAGE}/continuer").headers["Location"].removeprefix("http://127.0.0.1:8000")
    assert "simulé" in client.get(there).text
    assert client.post(there, data={"retour": f"{PAGE}/retour"}).headers["Location"] == f"{PAGE}/retour"
    with demo.app_context():
        jobs.run_due(demo)
        due = service.Due("k", "r", payee_id, 1200, "Camion", clock.now() + timedelta(hours=1))
        address = f"/paiements/{service.begin_payment(due)}"
    there = client.get(f"{address}/payer").headers["Location"].removeprefix("http://127.0.0.1:8000")
    assert "simulé" in client.get(there).text
    assert client.post(there, data={"way": "magic"}).status_code == 422
    back = client.post(there, data={"way": way})
    assert back.headers["Location"].endswith(f"{address}/retour")
    assert client.post(there, data={"way": way}).headers["Location"] == there
    with demo.app_context():
        jobs.run_due(demo)
        assert queries.get_payment(address[11:]).state == states[0]
        frozen.tick(minutes=3)
        let_time_pass()
        jobs.run_due(demo)
    with demo.app_context():
        assert queries.get_payment(address[11:]).state == states[-1]
    assert client.get("/stripe-simule/pages/nulle-part").status_code == 404
