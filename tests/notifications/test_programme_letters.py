"""Letters about programmes: who pays is asked for a budget, the coordination told what became of it."""

from datetime import date

import pytest

from app.accounts.models import Role
from app.accounts.queries import load_actor
from app.notifications.quiet import quiet
from app.payments import service as payments
from app.payments.service import subsidising
from tests.factories import a_coordinator, a_member, a_territory, an_organisation
from tests.notifications.goldens import same_as_golden

pytestmark = pytest.mark.usefixtures("session", "frozen")
PAYER, COORDINATION = "tresor@commune.example", "pat@blain.example"


@pytest.fixture(params=["fr", "en"])
def locale(request):
    return request.param


class Town:
    """The commune pays a programme of the coordination, which is not its own."""

    def __init__(self, locale):
        with quiet():
            territory = a_territory(name="PAT du pays de Blain")
            person = a_coordinator(territory, name="Claire Martin", email=COORDINATION, locale=locale)
            self.coordinator = load_actor(person.id)
            payments.switch_money(self.coordinator, territory.id, is_on=True)
            payer = an_organisation(territory, name="Mairie de Blain", slug="mairie")
            facts = {"role": Role.TREASURER, "locale": locale}
            self.payer = load_actor(a_member(payer, name="Paul Petit", email=PAYER, **facts).id)
            new = payments.NewProgramme(territory.id, payer.id, "Logistique", 4000)
            self.programme = payments.open_programme(new)
            year = payments.NewEnvelope(self.programme.id, date(2026, 1, 1), date(2027, 1, 1), 100_000)
            self.envelope = payments.open_envelope(year)


def test_who_pays_is_asked_and_the_coordination_told(post, locale):
    town = Town(locale)
    subsidising.set_budget(town.coordinator, town.envelope, 250_000)
    [asked] = post.run()
    assert asked.to == PAYER
    same_as_golden(locale, "budget_asked", asked)
    subsidising.answer_budget(town.payer, town.envelope.id, 250_000, accepts=True)
    [answered] = post.run()
    assert answered.to == COORDINATION
    same_as_golden(locale, "budget_accepted", answered)


def test_the_coordination_is_told_of_a_no_and_of_the_end(post, locale):
    town = Town(locale)
    with quiet():
        subsidising.set_budget(town.coordinator, town.envelope, 250_000)
    subsidising.answer_budget(town.payer, town.envelope.id, 250_000, accepts=False)
    [declined] = post.run()
    same_as_golden(locale, "budget_declined", declined)
    subsidising.end_programme(town.payer, town.programme.id)
    [ended] = post.run()
    assert ended.to == COORDINATION
    same_as_golden(locale, "programme_ended", ended)
