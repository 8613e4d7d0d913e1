"""Programmes: their payer says yes, they change and close, and what was promised stays as it was promised."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.accounts.models import Person, Role
from app.accounts.queries import load_actor
from app.bookings import service as bookings
from app.core.errors import Forbidden
from app.core.states import IllegalMove
from app.infra.db import db
from app.payments import service as payments
from app.payments.books.checking import broken
from app.payments.estimates import PlannedUse, costs
from app.payments.models import Envelope, Programme, ProgrammeState
from app.payments.service import subsidising
from app.payments.service.subsidising import ProgrammeTerms
from app.payments.tariffs.measures import Stay, Use
from tests.bookings.money import MoneyWorld, owed, span
from tests.bookings.pages import text_of
from tests.factories import a_member

pytestmark = pytest.mark.usefixtures("session", "frozen")


class World(MoneyWorld):
    """The PAT pays 40 %; its own treasurer is not the coordinator."""

    def __init__(self):
        super().__init__()
        self.opened = self.envelope()
        self.payer_person = a_member(self.pat, role=Role.TREASURER)
        self.payer = load_actor(self.payer_person.id)

    @property
    def programme(self):
        return self.opened.programme

    def change(self, actor=None, **facts):
        terms: dict[str, Any] = {
            "name": "Logistique",
            "rate_bp": 4000,
            "priority": 0,
            "most_cents": None,
            "most_each_cents": None,
        }
        terms |= {"kinds": ()} | facts
        return subsidising.change_programme(
            actor or self.coordinator, self.programme.id, ProgrammeTerms(**terms)
        )

    def start(self, actor=None):
        new = payments.NewProgramme(self.territory.id, self.pat.id, "Aide", 5000)
        return subsidising.start_programme(actor or self.coordinator, new)

    def held(self):
        return db.session.get_one(Envelope, self.opened.id, populate_existing=True).held_cents


@pytest.fixture
def world():
    return World()


def test_who_pays_says_yes_before_anything_is_promised(world):
    programme = world.start()
    assert programme.state == ProgrammeState.ASKED
    before = world.costs(world.booked()).plan
    assert [each.programme_id for each in before.subsidies] == [world.programme.id]
    with pytest.raises(Forbidden):
        subsidising.answer_programme(world.coordinator, programme.id, accepts=True)
    subsidising.answer_programme(world.payer, programme.id, accepts=True)
    after = world.costs(world.booked(slot=span("2026-10-08 09:00", "2026-10-08 12:00"))).plan
    assert [each.programme_id for each in after.subsidies] == [world.programme.id, programme.id]
    with pytest.raises(IllegalMove):
        subsidising.answer_programme(world.payer, programme.id, accepts=False)


def test_who_keeps_the_payers_accounts_says_yes_by_starting_it(world):
    both = replace(world.coordinator, memberships={world.pat.id: "org_admin"})
    assert world.start(both).state == ProgrammeState.OPEN


def test_what_is_declined_is_closed(world):
    programme = world.start()
    subsidising.answer_programme(world.payer, programme.id, accepts=False)
    assert programme.state == ProgrammeState.CLOSED


def test_a_change_does_not_touch_what_was_promised(world, frozen):
    booking = world.booked()
    assert world.held() == 1440
    assert world.change(rate_bp=1000, most_cents=100)
    assert world.programme.state == ProgrammeState.ASKED
    bookings.change(booking.id, world.member, span("2026-10-06 09:00", "2026-10-06 11:00"), 1)
    bookings.approve(booking.id, world.manager)
    assert world.held() == 960
    frozen.move_to(booking.end_at + timedelta(hours=1))
    bookings.charge_due()
    assert owed(booking)["PAT", "Mairie de Treillières"] == 960
    assert broken() == []


def test_another_name_or_turn_asks_nobody(world):
    assert world.change(name="Logistique solidaire", priority=3)
    assert (world.programme.name, world.programme.state) == ("Logistique solidaire", ProgrammeState.OPEN)
    assert not world.change(name="Logistique solidaire", priority=3)


def test_closed_it_promises_nothing_and_pays_what_it_has_promised(world, frozen):
    first = world.booked()
    subsidising.close_programme(world.coordinator, world.programme.id)
    second = world.booked(slot=span("2026-10-08 09:00", "2026-10-08 12:00"))
    assert world.costs(second).plan.subsidies == []
    frozen.move_to(second.end_at + timedelta(hours=1))
    bookings.charge_due()
    assert ("PAT", "Mairie de Treillières") in owed(first)
    assert ("PAT", "Mairie de Treillières") not in owed(second)
    with pytest.raises(IllegalMove):
        world.change(rate_bp=100)


def test_a_budget_is_open_by_the_day_of_the_territory(world, frozen):
    """At 00:30 of the first of January in Paris it is still December in UTC."""
    new = payments.NewEnvelope(world.programme.id, date(2027, 1, 1), date(2028, 1, 1), 5000)
    payments.open_envelope(new)
    payments.change_budget(world.opened.id, 0)
    frozen.move_to(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    use = Use(Stay(span("2027-01-05 09:00", "2027-01-05 12:00"), ZoneInfo("Europe/Paris")), 1)
    found = costs([PlannedUse(world.kitchen.id, use)], world.association).all
    assert found is not None
    assert found.borne_cents == 1440


# -- pages --------------------------------------------------------------------------------------------------


@pytest.fixture
def browser(app, login):
    def open_as(person):
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["locale"] = "en"
        login(client, person)
        return client

    return open_as


def person_of(actor):
    return db.session.get_one(Person, actor.person_id)


def test_the_coordination_changes_and_closes_it(world, browser):
    client, url = browser(person_of(world.coordinator)), f"/pat/dispositifs/{world.programme.public_id}"
    typed = {"name": "Logistique", "rate": "50", "priority": "0", "most": "", "most_each": ""}
    assert client.post(url, data=typed | {"rate": "x"}).status_code == 422
    assert client.post(url, data=typed).status_code == 303
    body = text_of(client.get("/pat/enveloppes"))
    for piece in ("Waits for the yes of who pays", "Pays 50 % of what", "Before: Pays 40 %"):
        assert piece in body.replace("\xa0", " "), piece
    assert client.post(f"{url}/clore").status_code == 303
    assert "Closed: it promises nothing any more" in text_of(client.get("/pat/enveloppes"))


def test_who_pays_answers_on_a_page_of_its_accounts(world, browser):
    programme, slug = world.start(), world.pat.slug
    client = browser(world.payer_person)
    assert "A programme waits for your yes" in text_of(client.get(f"/structures/{slug}/comptes"))
    assert "Nothing is promised in your name" in text_of(
        client.get(f"/structures/{slug}/comptes/dispositifs")
    )
    url = f"/structures/{slug}/comptes/dispositifs/{programme.public_id}"
    assert browser(world.treasurer_person).post(url, data={"reponse": "oui"}).status_code in (403, 404)
    assert client.post(url, data={"reponse": "oui"}).status_code == 303
    assert db.session.get_one(Programme, programme.id, populate_existing=True).state == ProgrammeState.OPEN
    other = f"/structures/{world.association.slug}/comptes/dispositifs/{programme.public_id}"
    assert browser(world.treasurer_person).post(other, data={"reponse": "non"}).status_code == 404
