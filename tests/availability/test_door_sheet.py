"""The sheet for the door: one page that tells a passer-by what this is, and where to ask."""

import pytest

from tests.factories import a_resource, a_site, a_territory, an_organisation

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def kitchen(session):
    site = a_site(
        an_organisation(a_territory(), name="Mairie de Nort"), name="Pôle de l’Erdre", phone="02 40 12 34 56"
    )
    rules = "Tenue propre.\nRien au sol."
    return a_resource(
        site, slug="cuisine", name="Cuisine du port", hours="Mo-Sa 07:00-22:00", house_rules=rules
    )


def sheet(client, status=200):
    answer = client.get("/ressources/cuisine/affiche", headers={"Accept-Language": "fr"})
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def test_it_names_the_place_its_hours_its_rules_and_whom_to_call_beside_a_code(client, kitchen):
    page = sheet(client)
    for words in (
        "<h1>Cuisine du port</h1>",
        "Pôle de l’Erdre",
        "07:00–22:00",
        "Rien au sol.",
        "Mairie de Nort",
    ):
        assert words in page
    assert 'href="tel:0240123456"' in page
    assert page.count('class="qr" role="img"') == 1


def test_what_is_no_longer_shared_has_no_sheet(client, session):
    site = a_site(an_organisation(a_territory()))
    a_resource(site, slug="cuisine", hours="24/7", status="archived")
    sheet(client, 404)
