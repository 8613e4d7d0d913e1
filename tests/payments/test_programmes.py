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
from app.payments.errors import BudgetChanged
from app.payments.estimates import PlannedUse, costs, costs_apart
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


def test_choices_each_find_all_that_is_left_of_a_budget(world):
    world.start()
    payments.change_budget(world.opened.id, 2000)
    paris = ZoneInfo("Europe/Paris")
    slots = span("2026-10-06 09:00", "2026-10-06 12:00"), span("2026-10-07 09:00", "2026-10-07 12:00")
    uses = [PlannedUse(world.kitchen.id, Use(Stay(slot, paris), 1)) for slot in slots]
    together = costs(uses, world.association)
    choices = [[each] for each in uses]
    apart = costs_apart(choices, world.association)
    assert [each.borne_cents for each in together.each if each] == [1440, 560]
    assert [each.all.borne_cents for each in apart if each.all] == [1440, 1440]
    assert [each.all.borne_cents for each in costs_apart(choices, None) if each.all] == [0, 0]
    assert [each.all for each in costs_apart(choices, world.owner)] == [None, None]


# -- budgets ------------------------------------------------------------------------------------------------


NEXT_YEAR = date(2027, 1, 1), date(2028, 1, 1)


def start_budget(world, cents=5000, actor=None):
    new = payments.NewEnvelope(world.programme.id, *NEXT_YEAR, cents)
    return subsidising.start_envelope(actor or world.coordinator, world.programme, new)


def test_nothing_is_promised_of_a_budget_before_who_pays_has_said_yes(world):
    envelope = start_budget(world)
    assert (envelope.budget_cents, envelope.asked_cents, envelope.left_cents) == (0, 5000, 0)
    with pytest.raises(Forbidden):
        subsidising.answer_budget(world.coordinator, envelope.id, 5000, accepts=True)
    with pytest.raises(BudgetChanged):
        subsidising.answer_budget(world.payer, envelope.id, 4000, accepts=True)
    subsidising.answer_budget(world.payer, envelope.id, 5000, accepts=True)
    assert (envelope.budget_cents, envelope.asked_cents) == (5000, None)
    with pytest.raises(BudgetChanged):
        subsidising.answer_budget(world.payer, envelope.id, 5000, accepts=False)


def test_a_budget_grows_with_a_yes_and_shrinks_without(world):
    envelope = world.opened
    assert subsidising.set_budget(world.coordinator, envelope, 200_000)
    assert (envelope.budget_cents, envelope.asked_cents) == (100_000, 200_000)
    assert not subsidising.set_budget(world.coordinator, envelope, 200_000)
    subsidising.answer_budget(world.payer, envelope.id, 200_000, accepts=False)
    assert (envelope.budget_cents, envelope.asked_cents) == (100_000, None)
    assert subsidising.set_budget(world.coordinator, envelope, 200_000)
    assert subsidising.set_budget(world.coordinator, envelope, 50_000)
    assert (envelope.budget_cents, envelope.asked_cents) == (50_000, None)


def test_who_keeps_the_payers_accounts_says_yes_by_setting_it(world):
    both = replace(world.coordinator, memberships={world.pat.id: "org_admin"})
    envelope = start_budget(world, actor=both)
    assert envelope.budget_cents == 5000
    assert subsidising.set_budget(both, envelope, 6000)
    assert (envelope.budget_cents, envelope.asked_cents) == (6000, None)


def test_who_pays_closes_its_programme(world):
    with pytest.raises(Forbidden):
        subsidising.end_programme(world.treasurer, world.programme.id)
    subsidising.end_programme(world.payer, world.programme.id)
    assert world.programme.state == ProgrammeState.CLOSED


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
    for piece in ("Waits for the yes of who pays", "Pays 50 % of the cost.", "Before: Pays 40 %"):
        assert piece in body.replace("\xa0", " "), piece
    assert client.post(f"{url}/clore").status_code == 303
    assert "Closed: it promises nothing any more" in text_of(client.get("/pat/enveloppes"))


def test_who_pays_answers_on_a_page_of_its_accounts(world, browser):
    programme, slug = world.start(), world.pat.slug
    client = browser(world.payer_person)
    assert "A programme or a budget waits for your yes" in text_of(client.get(f"/structures/{slug}/comptes"))
    home = text_of(client.get("/moi"))
    assert "PAT is asked to pay for others" in home
    assert f"/comptes/dispositifs#p-{programme.public_id}" in home
    assert "Nothing is promised in your name" in text_of(
        client.get(f"/structures/{slug}/comptes/dispositifs")
    )
    url = f"/structures/{slug}/comptes/dispositifs/{programme.public_id}"
    assert browser(world.treasurer_person).post(url, data={"reponse": "oui"}).status_code in (403, 404)
    assert client.post(url, data={"reponse": "oui"}).status_code == 303
    assert db.session.get_one(Programme, programme.id, populate_existing=True).state == ProgrammeState.OPEN
    other = f"/structures/{world.association.slug}/comptes/dispositifs/{programme.public_id}"
    assert browser(world.treasurer_person).post(other, data={"reponse": "non"}).status_code == 404


def test_a_budget_is_asked_of_who_pays_and_answered_on_its_page(world, browser):
    place, payer = browser(person_of(world.coordinator)), browser(world.payer_person)
    before = text_of(place.get("/pat/enveloppes"))
    assert 'value="1000.00"' in before, "the form has the budget there is"
    url = f"/pat/enveloppes/{world.opened.public_id}/budget"
    assert place.post(url, data={"budget": "2000"}).status_code == 303
    assert "€2,000.00 wait for the yes of PAT" in text_of(place.get("/pat/enveloppes"))
    page = f"/structures/{world.pat.slug}/comptes/dispositifs"
    assert "The coordination asks for a budget of €2,000.00." in text_of(payer.get(page))
    waits, accounts = "PAT is asked to pay for others", f"/structures/{world.pat.slug}/comptes"
    assert waits in text_of(payer.get("/moi"))
    assert "A programme or a budget waits for your yes" in text_of(payer.get(accounts))
    answer = f"/structures/{world.pat.slug}/comptes/enveloppes/{world.opened.public_id}"
    assert payer.post(answer, data={"reponse": "oui", "vu": "1"}).status_code == 303
    assert "Meanwhile another budget is asked: €2,000.00." in text_of(payer.get(page))
    assert payer.post(answer, data={"reponse": "oui", "vu": "200000"}).status_code == 303
    assert "The coordination asks for a budget" not in text_of(payer.get(page))
    assert world.opened.budget_cents == 200_000
    assert waits not in text_of(payer.get("/moi"))
    other = f"/structures/{world.association.slug}/comptes/enveloppes/{world.opened.public_id}"
    assert browser(world.treasurer_person).post(other, data={"reponse": "oui"}).status_code == 404
    assert payer.post(f"{page}/{world.programme.public_id}/clore").status_code == 303
    assert "Closed: it promises nothing any more" in text_of(payer.get(page))
