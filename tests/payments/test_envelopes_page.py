"""The coordination's budgets: programmes and envelopes opened and changed, with refusals that say why."""

import re

import pytest

from app.infra.db import db
from app.payments import service
from app.payments.models import Envelope, Programme
from app.payments.service import subsidising
from tests.bookings.money import MoneyWorld
from tests.bookings.pages import World, text_of
from tests.factories import a_coordinator, a_territory

pytestmark = pytest.mark.usefixtures("session", "frozen")
URL = "/pat/enveloppes"


@pytest.fixture
def world():
    return MoneyWorld()


@pytest.fixture
def coordinator(world, app, login):
    return signed_in(app, login, a_coordinator(world.territory))


def signed_in(app, login, person):
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["locale"] = "en"
    login(client, person)
    return client


def new(world, **more):
    return {
        "organisation": world.pat.public_id, "name": "Logistique", "rate": "40", "most": "100", "most_each": "",
        "priority": "1", "kinds": ["vehicle", "storage"], "territoire": world.territory.slug,
    } | more  # fmt: skip


def test_with_money_off_there_is_no_page_and_no_tab(app, login):
    client = signed_in(app, login, a_coordinator(World().territory))
    assert client.get(URL).status_code == 404
    assert "Budgets" not in text_of(client.get("/pat/demandes"))


def test_who_does_not_coordinate_has_no_page(world, app, login):
    for person in (world.manager_person, world.treasurer_person, a_coordinator(a_territory())):
        assert signed_in(app, login, person).get(URL).status_code == 404
    assert app.test_client().get(URL).status_code == 303


def test_a_programme_has_a_budget_that_changes_and_a_history(world, coordinator):
    assert "Budgets" in text_of(coordinator.get("/pat/demandes"))
    assert coordinator.post(URL, data=new(world)).status_code == 303
    programme = db.session.query(Programme).one()
    turns = re.findall(r'<input[^>]*name="priority"[^>]*>', text_of(coordinator.get(URL)))
    assert ['value="2"' in each for each in turns] == [False, True], "the next one pays after it"
    assert (programme.rate_bp, programme.most_cents, programme.kinds) == (
        4000,
        10_000,
        ["vehicle", "storage"],
    )
    opened = coordinator.post(
        f"/pat/dispositifs/{programme.public_id}/enveloppes",
        data={"starts_on": "2026-01-01", "ends_on": "2026-12-31", "budget": "5000"},
    )
    assert opened.status_code == 303
    envelope = db.session.query(Envelope).one()
    assert (envelope.ends_on.isoformat(), envelope.asked_cents) == ("2027-01-01", 500_000)
    subsidising.answer_budget(world.actor_for(world.pat), envelope.id, 500_000, accepts=True)
    budget = f"{URL}/{envelope.public_id}/budget"
    assert coordinator.post(budget, data={"budget": "6 000,50"}).status_code == 303
    subsidising.answer_budget(world.actor_for(world.pat), envelope.id, 600_050, accepts=True)
    body = text_of(coordinator.get(URL))
    for piece in (
        "Pays 40 % of the cost.",
        "At most €100.00 for one booking.",
        "€6,000.50",
        "from €5,000.00 to €6,000.50",
    ):
        assert piece in body.replace("\u00a0", " "), piece


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"rate": "140"}, "Enter a number from 0 to 100"),
        ({"rate": "beaucoup"}, "Enter a number from 0 to 100"),
        ({"most": "-1"}, "Enter a number from 0 to"),
        ({"name": ""}, "Give it a name."),
        ({"organisation": "nobody"}, "Not a valid choice"),
        ({"priority": "100"}, "Enter a whole number from 0 to 99."),
    ],
)
def test_what_cannot_be_a_programme_is_said_and_kept(world, coordinator, typed, sentence):
    answer = coordinator.post(URL, data=new(world, **typed))
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert db.session.query(Programme).count() == 0


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [
        ({"ends_on": "2025-12-31"}, 422, "A budget ends after it begins."),
        ({}, 422, "There is a budget for a part of this period already."),
        ({"starts_on": "31/12"}, 422, "Not a valid date value."),
        ({"ends_on": "9999-12-31", "starts_on": "9999-12-30"}, 422, "Choose a day."),
        (
            {"starts_on": "2027-01-01", "ends_on": "2027-12-31", "budget": "x"},
            422,
            "Enter a number from 0 to",
        ),
    ],
)
def test_what_cannot_be_a_budget_is_said(world, coordinator, typed, status, sentence):
    programme = world.envelope().programme
    data = {"starts_on": "2026-01-01", "ends_on": "2026-12-31", "budget": "5000"} | typed
    answer = coordinator.post(f"/pat/dispositifs/{programme.public_id}/enveloppes", data=data)
    assert answer.status_code == status
    assert sentence in text_of(answer)


def test_a_budget_is_not_below_what_is_promised(world, coordinator):
    envelope = world.envelope()
    world.booked()
    answer = coordinator.post(f"{URL}/{envelope.public_id}/budget", data={"budget": "10"})
    assert answer.status_code == 409
    body = text_of(answer)
    assert "€14.40 of this budget are promised or spent" in body
    assert 'value="10"' in body
    other = service.open_programme(service.NewProgramme(a_territory().id, world.pat.id, "Ailleurs", 100))
    away = coordinator.post(f"/pat/dispositifs/{other.public_id}/enveloppes", data={"budget": "1"})
    assert away.status_code == 404
