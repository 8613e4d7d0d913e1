"""What a resource is made of, on a page beside its form: said with numbers, refused in words, shown to who looks at it."""

import pytest

from app.availability.queries import Wish
from app.availability.service import take
from app.catalogue.models import Component
from tests import factories as f
from tests.helpers import parse

MORNING = f.span("2026-10-06 09:00", "2026-10-06 11:00")


@pytest.fixture
def site(session, frozen):
    return f.a_site(f.an_organisation(f.a_territory(communes=["44110"])), hours="24/7")


@pytest.fixture
def kitchen(site):
    return f.a_resource(site, name="Cuisine entière", slug="cuisine")


@pytest.fixture
def boards(site):
    return f.a_resource(site, name="Planches", kind="equipment", mode="quantity", capacity=20, unit="piece")


@pytest.fixture
def manager(site, client, login):
    login(client, f.a_manager(site))
    return client


def field(resource):
    return f"parts-part_{resource.public_id}"


def save(client, **given):
    return client.post("/ressources/cuisine/composition", data=given)


def test_a_number_beside_a_neighbour_makes_it_a_part(session, manager, kitchen, boards):
    oven = f.a_resource(kitchen.site, name="Four")
    page = manager.get("/ressources/cuisine/composition").text
    assert "Ce que comprend la ressource" in page
    assert "Sur 20 pièces en tout." in page
    answer = save(manager, **{field(boards): "4", field(oven): "0"})
    assert answer.status_code == 303
    assert [(c.part_id, c.qty) for c in session.query(Component)] == [(boards.id, 4)]
    assert "Planches (4)" in manager.get(answer.location).text
    page = manager.get("/ressources/cuisine/composition").text
    assert f'name="{field(boards)}"' in page
    assert 'value="4"' in page
    assert "Comprend aussi" in manager.get("/ressources/cuisine").text
    assert "Planches (4)" in manager.get("/ressources/cuisine").text
    assert "Elle est elle-même réservée avec" in manager.get(f"/ressources/{boards.slug}/composition").text


def test_a_number_that_cannot_be_is_refused_on_its_field(manager, kitchen, boards):
    answer = save(manager, **{field(boards): "21"})
    assert answer.status_code == 422
    assert "Indiquez un nombre entier de 0 à 20." in answer.text
    assert 'value="21"' in answer.text


def test_parts_that_are_promised_elsewhere_are_refused_with_the_day(manager, kitchen, boards):
    take([Wish(kitchen.id, MORNING)])
    take([Wish(boards.id, MORNING, 18)])
    answer = save(manager, **{field(boards): "4"})
    assert answer.status_code == 409
    assert "« Planches » serait trop demandé le mardi 6 octobre" in answer.text.replace("\xa0", " ")


def test_an_edit_meanwhile_is_told(manager, kitchen, boards):
    answer = save(manager, **{field(boards): "4", "parts-revision": "7"})
    assert answer.status_code == 409
    assert "Quelqu’un d’autre" in answer.text


def test_a_site_with_one_resource_has_nothing_to_choose(manager, kitchen):
    assert "Rien d’autre dans ce lieu" in manager.get("/ressources/cuisine/composition").text


def test_the_form_of_a_resource_leads_to_its_other_pages_and_tells_what_is_set_there(
    manager, kitchen, boards
):
    """One form a page: saving one cannot lose what is typed in another."""
    save(manager, **{field(boards): "4"})
    form = parse(manager.get("/ressources/cuisine/modifier").text)
    assert [each.attributes["action"] for each in _posting(form)] == ["/ressources/cuisine/modifier"]
    told = " ".join(form.lines())
    assert "/ressources/cuisine/composition" in told
    assert "Planches (4)" in told
    assert "/ressources/cuisine/unites" not in told  # it is taken as a whole
    other = manager.get(f"/ressources/{boards.slug}/modifier").text
    assert f"/ressources/{boards.slug}/unites" in other
    assert "Aucune autre pour l’instant" in other


def test_what_is_taken_as_a_whole_is_not_counted_in_units(manager, kitchen):
    page = manager.get("/ressources/cuisine/unites")
    assert page.status_code == 200
    assert "ne se compte pas dans de plus petites unités" in page.text


def _posting(element):
    """List the forms of the page itself that change something; those of the shell stand beside its main part."""
    main = element.find("main")
    return [each for each in _below(main) if each.tag == "form" and each.attributes.get("method") == "post"]


def _below(element):
    for child in element.children:
        if not isinstance(child, str):
            yield child
            yield from _below(child)
