"""The pages of the first run: in order, kept when wrong, closed to strangers afterwards."""

import pytest

from app.accounts import queries as accounts
from app.installation import service
from tests.factories import a_coordinator, a_person, a_territory

PAGES = ("/installation", "/installation/administrateur", "/installation/territoire", "/installation/partage",
         "/installation/demonstration")  # fmt: skip
ADMIN = {"name": "Alix Morel", "email": "alix@exemple.org", "password": "brouette verte 12"}


def test_the_whole_way(client, session):
    code = service.renew_code()
    assert client.get("/installation/administrateur").headers["Location"] == "/installation"
    wrong = client.post("/installation", data={"code": "nimporte"})
    assert wrong.status_code == 422
    assert 'value="nimporte"' in wrong.text
    assert client.post("/installation/administrateur", data=ADMIN).status_code == 422
    assert (
        client.post("/installation", data={"code": code}).headers["Location"]
        == "/installation/administrateur"
    )
    weak = client.post("/installation/administrateur", data=ADMIN | {"password": "court"})
    assert weak.status_code == 422
    assert "alix@exemple.org" in weak.text
    done = client.post("/installation/administrateur", data=ADMIN)
    assert done.headers["Location"] == "/installation/territoire"
    facts = {"name": "PAT de l'Erdre", "places": "Nozay", "hue": "plum"}
    unclear = client.post("/installation/territoire", data=facts)
    assert unclear.status_code == 422
    assert "Nozay (44170)" in unclear.text
    facts["places"] = "Erdre et Gesvres\r\nNozay (44170)"
    assert client.post("/installation/territoire", data=facts).headers["Location"] == "/installation/partage"
    kinds = client.get("/installation/partage")
    assert kinds.text.count("checked") > 3
    assert 'data-hue="plum"' in kinds.text
    assert client.post("/installation/partage", data={}).status_code == 422
    assert client.post("/installation/partage", data={"kinds": ["kitchen"]}).status_code == 303
    assert (
        client.post("/installation/demonstration", data={"demo": "no"}).headers["Location"] == "/pat/demandes"
    )
    back = client.get("/installation/territoire").text
    assert "Erdre et Gesvres" in back
    assert "Nozay (44170)" in back
    assert client.get("/installation").headers["Location"] == "/installation/territoire"
    assert client.get("/installation/administrateur").status_code == 200

    assert 'id="first-steps"' in client.get("/pat/demandes").text
    assert client.post("/installation/etapes/ranger").status_code == 303
    assert 'id="first-steps"' not in client.get("/pat/demandes").text


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", PAGES)
def test_strangers_find_nothing_once_somebody_runs_it(client, session, path, method):
    a_person(is_platform_admin=True)
    assert getattr(client, method)(path).status_code == 404
    assert client.post("/installation/demonstration/effacer").status_code == 404


def test_coordinators_see_the_steps_but_do_not_set_up(client, session, login):
    territory = a_territory()
    login(client, a_coordinator(territory))
    page = client.get("/pat/demandes").text
    assert 'id="first-steps"' in page
    assert "/installation/territoire" not in page
    assert client.get("/installation/territoire").status_code == 404
    assert accounts.own_territories()[0].id == territory.id


def test_the_home_page_of_a_new_instance_leads_to_its_installation(client, session):
    assert 'href="/installation"' in client.get("/").text
    a_person(is_platform_admin=True)
    assert 'href="/installation"' not in client.get("/").text
