"""Authorisations for food aid: how an organisation stands on a day, who enters and confirms one, who is reminded."""

from datetime import date, timedelta

import pytest

from app.accounts import queries, service
from app.accounts.errors import AuthorisationNotNeeded, BadAuthorisation
from app.accounts.events import AuthorisationDecided, AuthorisationEnding, AuthorisationEntered
from app.accounts.food_aid import Basis, Standing, Term, reminder_due, standing_on
from app.accounts.models import LegalNature, Role
from app.accounts.service import AuthorisationFacts
from app.core.errors import Forbidden, ReasonMissing
from app.core.states import IllegalMove
from app.infra.audit import history
from tests.accounts.conftest import acting
from tests.factories import a_coordinator, a_member, a_territory, an_organisation

TODAY = date(2026, 9, 1)  # the frozen clock
SPRING, SUMMER, AUTUMN = date(2026, 3, 1), date(2026, 8, 31), date(2026, 10, 31)
GOOD = AuthorisationFacts("regional", SPRING, AUTUMN, "Arrêté du 27 février 2026")


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([], Standing(Basis.NONE, TODAY)),
        ([Term("confirmed", SPRING, AUTUMN)], Standing(Basis.HELD, TODAY, AUTUMN)),
        ([Term("confirmed", SPRING, TODAY)], Standing(Basis.HELD, TODAY, TODAY)),  # its last day counts
        ([Term("confirmed", SPRING, SUMMER)], Standing(Basis.ENDED, TODAY, SUMMER)),
        ([Term("confirmed", AUTUMN, AUTUMN)], Standing(Basis.EARLY, TODAY, AUTUMN)),
        ([Term("entered", SPRING, AUTUMN)], Standing(Basis.WAITS, TODAY)),
        ([Term("entered", AUTUMN, AUTUMN)], Standing(Basis.NONE, TODAY)),
        ([Term("sent_back", SPRING, AUTUMN)], Standing(Basis.NONE, TODAY)),
        (
            [Term("confirmed", SPRING, SUMMER), Term("entered", TODAY, AUTUMN)],
            Standing(Basis.WAITS, TODAY),
        ),
        (  # renewed without a day between
            [Term("confirmed", SPRING, TODAY), Term("confirmed", TODAY + timedelta(1), AUTUMN)],
            Standing(Basis.HELD, TODAY, AUTUMN),
        ),
        (  # two days later: there is a gap
            [Term("confirmed", SPRING, TODAY), Term("confirmed", TODAY + timedelta(2), AUTUMN)],
            Standing(Basis.HELD, TODAY, TODAY),
        ),
    ],
)
def test_how_an_organisation_stands(terms, expected):
    assert standing_on(TODAY, is_public=False, terms=terms) == expected
    assert expected.is_good == (expected.basis == Basis.HELD)
    assert standing_on(TODAY, is_public=True, terms=terms).is_good  # public bodies need none


@pytest.mark.parametrize(
    ("left", "reminded", "due"),
    [
        (31, None, None),
        (30, None, 30),
        (12, None, 30),
        (12, 30, None),
        (7, 30, 7),
        (3, None, 7),
        (0, 7, None),
    ],
)
def test_two_reminders_and_no_more(left, reminded, due):
    assert reminder_due(left, reminded) == due


class Town:
    def __init__(self):
        self.territory = a_territory()
        self.ours = an_organisation(self.territory, name="L’Épicerie", priority_class="P1")
        self.admin_person = a_member(self.ours, role=Role.ORG_ADMIN, name="Odile")
        self.admin = acting(self.admin_person)
        self.member = acting(a_member(self.ours))
        self.coordinator_person = a_coordinator(self.territory, name="Nadia")
        self.coordinator = acting(self.coordinator_person)

    def enter(self, facts=GOOD, actor=None):
        return service.enter_authorisation(actor or self.admin, self.ours.slug, facts)

    @property
    def basis(self):
        return queries.food_aid_standing(self.ours.id, TODAY).basis


@pytest.fixture
def town(session, frozen):
    return Town()


def test_it_counts_once_the_coordination_has_confirmed_it(town, heard):
    row = town.enter()
    assert town.basis == Basis.WAITS
    assert heard.last(AuthorisationEntered).authorisation_id == row.id
    with pytest.raises(Forbidden):
        service.confirm_authorisation(town.admin, row.id)
    service.confirm_authorisation(town.coordinator, row.id)
    assert town.basis == Basis.HELD
    told = heard.last(AuthorisationDecided)
    assert (told.confirmed, [each.name for each in told.to]) == (True, ["Odile"])
    with pytest.raises(IllegalMove):
        service.confirm_authorisation(town.coordinator, row.id)
    acts = [line.act for line in history("organisation", town.ours.id)]
    assert acts[-2:] == ["authorisation_entered", "authorisation_confirmed"]


def test_what_the_coordination_enters_counts_at_once(town, heard):
    town.enter(actor=town.coordinator)
    assert town.basis == Basis.HELD
    assert not heard.of(AuthorisationEntered)


def test_it_is_sent_back_with_a_reason_before_or_after(town, heard):
    row = town.enter()
    with pytest.raises(ReasonMissing):
        service.send_back_authorisation(town.coordinator, row.id, " ")
    service.confirm_authorisation(town.coordinator, row.id)
    service.send_back_authorisation(town.coordinator, row.id, "L’arrêté a été retiré.")
    assert town.basis == Basis.NONE
    assert heard.last(AuthorisationDecided).reason == "L’arrêté a été retiré."


def test_what_was_entered_by_mistake_is_taken_back(town):
    service.withdraw_authorisation(town.admin, town.enter().id)
    assert town.basis == Basis.NONE
    assert not queries.authorisations_of(town.ours.id)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (AuthorisationFacts("regional", SPRING, AUTUMN), "reference"),
        (AuthorisationFacts("network", SPRING, AUTUMN, "12"), "network"),
        (AuthorisationFacts("regional", AUTUMN, SPRING, "12"), "valid_until"),
        (AuthorisationFacts("regional", SPRING, date(2046, 1, 1), "12"), "valid_until"),
        (AuthorisationFacts("", SPRING, AUTUMN, "12"), "level"),
    ],
)
def test_what_cannot_be(town, facts, field):
    with pytest.raises(BadAuthorisation) as caught:
        town.enter(facts)
    assert caught.value.facts["field"] == field


def test_who_may_not(town):
    with pytest.raises(Forbidden):
        town.enter(actor=town.member)
    public = an_organisation(town.territory, legal_nature=LegalNature.PUBLIC)
    with pytest.raises(AuthorisationNotNeeded):
        service.enter_authorisation(town.coordinator, public.slug, GOOD)
    assert queries.food_aid_standing(public.id, TODAY).basis == Basis.LAW


def test_who_answers_for_it_is_reminded_thirty_and_seven_days_before(town, heard, frozen):
    town.enter(actor=town.coordinator)
    assert service.remind_authorisations() == 0
    for days, number in ((31, 1), (1, 0), (22, 1), (1, 0)):
        frozen.tick(days=days)
        assert service.remind_authorisations() == number
    assert [event.last_day for event in heard.of(AuthorisationEnding)] == [AUTUMN, AUTUMN]


def test_nobody_is_reminded_of_what_goes_on(town, frozen):
    town.enter(actor=town.coordinator)
    town.enter(AuthorisationFacts("regional", AUTUMN, date(2030, 1, 1), "Suite"), actor=town.coordinator)
    frozen.tick(days=45)
    assert service.remind_authorisations() == 0


def test_the_coordination_sees_who_lacks_it(town):
    def seen():
        found = queries.overseen_food_aid(town.territory.id, TODAY)
        return [(each.organisation.name, each.standing.basis, each.waiting is not None) for each in found]

    an_organisation(town.territory, priority_class="P1", legal_nature=LegalNature.PUBLIC)
    an_organisation(town.territory, priority_class="P3")
    assert seen() == [("L’Épicerie", Basis.NONE, False)]
    row = town.enter()
    assert seen() == [("L’Épicerie", Basis.WAITS, True)]
    service.confirm_authorisation(town.coordinator, row.id)
    assert seen() == []


# -- pages ----------------------------------------------------------------------------------------------------

TYPED = {
    "level": "network",
    "network": "Banque alimentaire",
    "reference": "",
    "valid_from": "2026-03-01",
    "valid_until": "2026-10-31",
}


@pytest.fixture
def by(client, login, town):
    def sign_in(person):
        with client.session_transaction() as cookie:
            cookie.clear()
            cookie["locale"] = "en"
        login(client, person)
        return client

    return sign_in


def text(answer):
    return " ".join(answer.get_data(as_text=True).split())


def test_an_administrator_enters_it_and_the_coordination_confirms_it(by, town):
    path = f"/structures/{town.ours.slug}/habilitation"
    client = by(town.admin_person)
    assert "No authorisation is known" in text(client.get(f"/structures/{town.ours.slug}"))
    wrong = client.post(path, data=TYPED | {"network": "", "reference": "gardé"})
    assert wrong.status_code == 422
    assert "Type the name of the network" in text(wrong)
    assert "gardé" in text(wrong)
    assert client.post(path, data=TYPED).status_code == 303
    assert "By the network “Banque alimentaire”" in text(client.get(path))
    [row] = queries.authorisations_of(town.ours.id)
    assert client.post(f"{path}/{row.public_id}/confirmer").status_code == 403

    client = by(town.coordinator_person)
    overview = text(client.get("/pat"))
    assert "Food aid: authorisations to look at" in overview
    assert path in overview
    assert "Give a reason" in text(client.post(f"{path}/{row.public_id}/renvoyer", data={"reason": ""}))
    assert client.post(f"{path}/{row.public_id}/confirmer").status_code == 303
    assert "Authorised until" in text(client.get(f"/structures/{town.ours.slug}"))
    assert "Food aid: authorisations to look at" not in text(client.get("/pat"))


def test_all_that_is_wrong_is_told_in_one_answer(by, town):
    path = f"/structures/{town.ours.slug}/habilitation"
    days = {"valid_from": "2026-09-10", "valid_until": "2026-09-01"}
    both = text(by(town.admin_person).post(path, data={"level": "regional", "network": "gardé"} | days))
    assert "Type the number or the date of the decision" in both
    assert "The last day is before the first one" in both
    assert "gardé" in both
    answer = by(town.admin_person).post(path, data=days)
    assert answer.status_code == 422
    assert "Choose one" in text(answer)
    assert "The last day is before the first one" in text(answer)
