"""Two approvals are chosen only where two people can give them, and nobody takes that away unnoticed."""

import pytest

from app.accounts.functions import BOTH, NONE, Function
from app.accounts.models import Role
from app.accounts.queries import function_holders, load_actor
from app.catalogue import service
from app.catalogue.errors import TwoStepImpossible
from app.infra.uow import atomic
from tests import factories as f
from tests.catalogue.test_managing_pages import errors_in, terms_of

TECHNICAL, ELECTED = frozenset({Function.TECHNICAL}), frozenset({Function.ELECTED})
TWO = {"approval": "two_step"}


class Place:
    """A site with a kitchen, its owner's administrator, and two managers without a function."""

    def __init__(self):
        owner = f.an_organisation(f.a_territory(communes=["44110"]))
        self.site = f.a_site(owner)
        self.kitchen = f.a_resource(self.site, name="Cuisine")
        self.admin = f.a_member(owner, role=Role.ORG_ADMIN)
        self.one, self.two = f.a_manager(self.site, name="Une"), f.a_manager(self.site, name="Deux")

    def give(self, person, functions):
        return service.change_functions(load_actor(self.admin.id), self.site, person.public_id, functions)

    def held(self):
        return {
            grant.person.name: grant.functions for grant in function_holders([self.site.id])[self.site.id]
        }


@pytest.fixture
def place(session):
    return Place()


@pytest.fixture
def client(client, login, place):
    login(client, place.admin)
    with client.session_transaction() as cookie:
        cookie["locale"] = "en"
    return client


@pytest.mark.parametrize(
    ("one", "two", "said"),
    [
        (NONE, NONE, "who holds these functions"),
        (TECHNICAL, NONE, "Only one person holds a function"),
        (BOTH, NONE, "the same person counts once"),
        (TECHNICAL, TECHNICAL, "Nobody is an elected official"),
        (ELECTED, ELECTED, "Nobody is a technical manager"),
        (TECHNICAL, ELECTED, ""),
        (BOTH, ELECTED, ""),
    ],
)
def test_two_approvals_need_two_people_who_can_give_them(place, client, one, two, said):
    place.give(place.one, one)
    place.give(place.two, two)
    url = f"/ressources/{place.kitchen.slug}/modifier"
    answer = client.post(url, data=terms_of("kitchen", **TWO))
    assert answer.status_code == (422 if said else 303)
    assert not said or said in errors_in(answer)
    new = client.post(
        f"/lieux/{place.site.slug}/ressources/nouvelle?genre=kitchen",
        data=terms_of("kitchen", name="Autre", **TWO),
    )
    assert new.status_code == (422 if said else 303)


def test_a_shorter_notice_than_the_request_lives_is_refused(place, client):
    place.give(place.one, TECHNICAL)
    place.give(place.two, ELECTED)
    url = f"/ressources/{place.kitchen.slug}/modifier"
    answer = client.post(url, data=terms_of("kitchen", **TWO, min_notice_minutes=["47", "hours"]))
    assert answer.status_code == 422
    assert "let people ask at least 2 days before" in errors_in(answer)


def test_functions_are_given_and_taken_on_the_page_of_the_site(place, client):
    base = f"/lieux/{place.site.slug}"
    both = {"person": place.one.public_id, "functions": ["technical", "elected"]}
    page = client.post(f"{base}/gestionnaires/fonctions", data=both, follow_redirects=True).text
    assert "The functions of Une are saved." in page
    assert place.held() == {"Une": BOTH}
    assert (
        client.post(f"{base}/gestionnaires/fonctions", data=both | {"functions": "boss"}).status_code == 303
    )
    assert place.held() == {"Une": BOTH}
    colleague = f.a_member(place.site.owner, name="Trois", email="trois@exemple.org")
    sent = {"email": colleague.email, "functions": "elected"}
    client.post(f"{base}/gestionnaires", data=sent, follow_redirects=True)
    assert place.held() == {"Une": BOTH, "Trois": ELECTED}
    assert "The functions of a manager were changed." in client.get(f"{base}/gerer").text


def test_only_who_names_managers_says_what_they_are_for(place, client, login):
    login(client, place.one)
    sent = {"person": place.one.public_id, "functions": "elected"}
    assert client.post(f"/lieux/{place.site.slug}/gestionnaires/fonctions", data=sent).status_code == 403


def test_what_two_approvals_need_is_not_taken_away(place, client):
    place.give(place.one, TECHNICAL)
    place.give(place.two, BOTH)
    client.post(f"/ressources/{place.kitchen.slug}/modifier", data=terms_of("kitchen", **TWO))
    with pytest.raises(TwoStepImpossible):
        place.give(place.two, TECHNICAL)
    place.give(place.two, ELECTED)
    base = f"/lieux/{place.site.slug}"
    sent = {"person": place.two.public_id}
    page = client.post(f"{base}/gestionnaires/retirer", data=sent, follow_redirects=True).text
    assert "Two different people must be able to agree for Grande cuisine" in page
    assert place.held() == {"Une": TECHNICAL, "Deux": ELECTED}
    client.post(f"/ressources/{place.kitchen.slug}/modifier", data=terms_of("kitchen"))
    page = client.post(f"{base}/gestionnaires/retirer", data=sent, follow_redirects=True).text
    assert "Deux no longer manages this site." in page


def test_somebody_who_left_leaves_a_warning(place, client, session):
    place.give(place.one, TECHNICAL)
    place.give(place.two, ELECTED)
    client.post(f"/ressources/{place.kitchen.slug}/modifier", data=terms_of("kitchen", **TWO))
    with atomic():
        place.two.disabled_at = place.one.created_at
    page = client.get(f"/lieux/{place.site.slug}/gerer").text
    assert "no two people here hold both functions" in page
    kept = terms_of("kitchen", **TWO, description="Encore")
    assert client.post(f"/ressources/{place.kitchen.slug}/modifier", data=kept).status_code == 303


@pytest.mark.parametrize(
    ("change", "kept", "said"),
    [
        ({}, ("P2", None), ""),
        ({"auto_up_to": "P4", "auto_hours": "12"}, ("P4", 12), ""),
        ({"auto_up_to": "P0", "auto_hours": ""}, ("P0", None), ""),
        ({"auto_up_to": "P5"}, None, "At once for"),
        ({"auto_hours": "0"}, None, "Enter a whole number from 1 to 744."),
        ({"auto_hours": "745"}, None, "Enter a whole number from 1 to 744."),
    ],
)
def test_a_resource_says_for_whom_and_up_to_how_many_hours_it_is_booked_at_once(
    place, client, change, kept, said
):
    url = f"/ressources/{place.kitchen.slug}/modifier"
    answer = client.post(url, data=terms_of("kitchen", approval="auto_for_members", **change))
    assert answer.status_code == (303 if kept else 422)
    if kept is None:
        assert said in errors_in(answer)
    else:
        assert (place.kitchen.auto_up_to, place.kitchen.auto_hours) == kept
        assert "At once for some" in client.get(f"/lieux/{place.site.slug}/gerer").text
