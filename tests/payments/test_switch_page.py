"""The coordination switches money on and off on its page; until then nothing of it shows."""

import pytest

from app.payments import queries
from tests.factories import a_coordinator, a_member, a_person, a_territory, an_organisation


@pytest.fixture
def territory(session, frozen):
    return a_territory(slug="erdre")


def page(client) -> str:
    answer = client.get("/pat?territoire=erdre", headers={"Accept-Language": "fr"})
    assert answer.status_code == 200
    return " ".join(answer.get_data(as_text=True).replace("\u00a0", " ").replace("\u202f", " ").split())


@pytest.mark.parametrize("is_admin", [False, True])
def test_money_is_switched_on_and_off_where_the_territory_is_looked_after(client, login, territory, is_admin):
    person = a_person(is_platform_admin=True) if is_admin else a_coordinator(territory, name="Camille Petit")
    login(client, person)
    territory_id = territory.id
    assert "Pas pour l’instant" in page(client)
    answer = client.post("/pat/argent", data={"territoire": "erdre", "argent": "oui"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/pat?territoire=erdre#money")
    assert queries.has_money(territory_id)
    shown = page(client)
    assert "L’argent a été activé." in shown
    client.post("/pat/argent", data={"territoire": "erdre", "argent": "non"})
    assert not queries.has_money(territory_id)
    shown = page(client)
    assert shown.index("L’argent a été désactivé.") < shown.index("L’argent a été activé.")


def test_nobody_else_switches_it(client, login, territory):
    elsewhere = a_territory()
    for person in (a_coordinator(elsewhere), a_member(an_organisation(territory))):
        login(client, person)
        assert client.post("/pat/argent", data={"territoire": "erdre", "argent": "oui"}).status_code == 403
    assert not queries.has_money(territory.id)


def test_a_territory_that_is_not_there_is_not_switched(client, login, territory):
    login(client, a_coordinator(territory))
    assert client.post("/pat/argent", data={"territoire": "nulle-part"}).status_code == 404
