"""The search page: filters in the address, kind words for wrong ones, help when nothing fits."""

import re
from html import unescape
from typing import Any

import pytest

from app.accounts.models import Role
from app.availability.queries import Wish
from app.availability.service import take
from tests.availability.test_examples import STORAGE
from tests.factories import a_member, a_resource, a_site, a_territory, an_organisation, span
from tests.helpers import HTMX, assert_same_after_swap, count_queries

pytestmark = pytest.mark.usefixtures("frozen")
TUESDAY = "date=2026-10-06&de=09:00&a=12:00"
COMMUNES = ["44110", "44113", "44209"]


@pytest.fixture
def owner(session):
    return an_organisation(a_territory(communes=COMMUNES))


@pytest.fixture
def world(owner):
    """Build three kitchens in two communes, a cold room by days, and something for members only."""
    nort = a_site(owner, name="Pôle de l’Erdre", lat=47.44, lon=-1.5)
    nozay = a_site(owner, name="Grange de Nozay", lat=47.56473, lon=-1.62559, commune_code="44113")
    facts: dict[str, Any] = {"hours": "Mo-Sa 07:00-22:00; PH off", "facts": {"meals_per_day": 200}}
    return {
        "nort": a_resource(nort, name="Cuisine du port", search_text="cuisine du port", **facts),
        "nozay": a_resource(
            nozay, name="Cuisine de la grange", search_text="cuisine grange", price_cents=1200, **facts
        ),
        "cold": a_resource(nort, name="Chambre froide", hours="24/7", facts={"regime": "chilled"}, **STORAGE),
        "members": a_resource(nort, name="Réserve des membres", visibility="members", hours="24/7"),
        "hidden": a_resource(nort, name="Local secret", visibility="hidden", hours="24/7"),
        "closed": a_resource(nort, name="Four du dimanche", hours="Su 08:00-12:00"),
    }


def html(client, url: str, **kwargs) -> str:
    answer = client.get(url, headers={"Accept-Language": "fr", **kwargs.pop("headers", {})}, **kwargs)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_everything_public_is_listed_with_its_next_free_window(client, world):
    page = html(client, "/ressources")
    for name in ("Cuisine du port", "Cuisine de la grange", "Chambre froide", "Four du dimanche"):
        assert name in page
    assert "Réserve des membres" not in page
    assert "Local secret" not in page
    assert "aujourd’hui, 10:00–22:00" in page
    assert "4 ressources" in page
    assert "12,00" in page
    assert "Gratuit" in page


def test_members_see_what_is_for_members(client, world, owner, login):
    login(client, a_member(owner, role=Role.MEMBER))
    page = html(client, "/ressources")
    assert "Réserve des membres" in page
    assert "Local secret" not in page


def test_a_time_finds_what_is_free_then(client, world):
    take([Wish(world["nort"].id, span("2026-10-06 08:00", "2026-10-06 10:00"))])
    page = html(client, f"/ressources?{TUESDAY}")
    assert "Cuisine de la grange" in page
    assert "Cuisine du port" not in page
    assert "Four du dimanche" not in page
    assert "/demander?date=2026-10-06&amp;de=09:00&amp;a=12:00" in page


def test_what_is_lent_by_days_is_found_and_asked_for_by_the_day_of_the_hours(client, world):
    page = html(client, f"/ressources?{TUESDAY}")
    card = page[page.index("Chambre froide") :]
    assert "mardi 6 octobre, toute la journée" in card[: card.index("</article>")]
    links = re.findall(rf'href="(/ressources/{world["cold"].slug}[^"]*date=[^"]*)"', page)
    assert links
    for link in links:
        assert "date=2026-10-06&amp;fin=2026-10-06" in link
        assert "ne peut pas précéder" not in html(client, unescape(link))


def test_a_day_alone_finds_what_is_free_at_some_time(client, world):
    page = html(client, "/ressources?date=2026-10-04")  # a Sunday
    assert "Four du dimanche" in page
    assert "Chambre froide" in page
    assert "Cuisine du port" not in page
    assert "08:00–12:00" in page


def test_two_days_find_stays(client, world):
    take([Wish(world["cold"].id, span("2026-11-01 00:00", "2026-12-01 00:00"), 20)])
    assert "Chambre froide" in html(
        client, "/ressources?type=storage&date=2026-11-05&fin=2026-11-08&quantite=4"
    )
    page = html(client, "/ressources?type=storage&date=2026-11-05&fin=2026-11-08&quantite=5")
    assert "0 ressource" in page
    assert "en plus petite quantité" in page


def test_the_words_looked_for_stand_in_the_quotes_of_the_language(client, world):
    page = html(client, "/ressources?q=grange")
    assert "«\u00a0grange\u00a0»" in page
    assert "“grange”" not in page


def test_the_nearest_come_first_and_the_radius_counts(client, world):
    page = html(client, "/ressources?type=kitchen&lieu=nozay&km=tout")
    assert page.index("Cuisine de la grange") < page.index("Cuisine du port")
    page = html(client, "/ressources?type=kitchen&lieu=44170&km=10")
    assert "Cuisine du port" not in page
    assert "À moins de 10 km (Nozay)" in page


@pytest.mark.parametrize(
    "query, there, gone",
    [
        ("q=GRANGE", "Cuisine de la grange", "Cuisine du port"),
        ("prix=gratuit", "Cuisine du port", "Cuisine de la grange"),
        ("prix=payant", "Cuisine de la grange", "Cuisine du port"),
        ("type=storage&regime=chilled", "Chambre froide", "Cuisine du port"),
        ("type=kitchen&meals_per_day=150", "Cuisine du port", "Four du dimanche"),
    ],
)
def test_filters_narrow(client, world, query, there, gone):
    page = html(client, f"/ressources?{query}")
    assert there in page
    assert gone not in page


def test_nothing_found_says_which_filter_to_let_go(client, world):
    page = html(client, f"/ressources?type=kitchen&lieu=Treilli%C3%A8res&km=10&{TUESDAY}")
    assert "Rien ne répond à tout cela" in page
    assert "2 ressources sans limite de distance" in page
    assert "Au même moment, un peu plus loin" in page
    assert "Cuisine du port" in page


def test_nothing_at_that_time_shows_the_same_places_later(client, world):
    take([Wish(world["nort"].id, span("2026-10-06 08:00", "2026-10-06 14:00"))])
    page = html(client, f"/ressources?q=port&{TUESDAY}")
    assert "Au même endroit, à un autre moment" in page
    assert "mardi 6 octobre, 14:00–22:00" in page


@pytest.mark.parametrize(
    "query, words",
    [
        ("date=2026-13-45", "Cette date n’existe pas"),
        ("date=2027-03-28&de=02:30&a=05:00", "n’existe pas ce jour-là"),
        ("date=2026-10-06&de=12:00&a=09:00", "La fin doit venir après le début"),
        ("date=2026-10-06&de=99:00&a=12:00", "Cette heure n’existe pas"),
        ("quantite=-3", "Indiquez un nombre entier"),
        ("quantite=" + "9" * 60, "Indiquez un nombre entier"),
        ("lieu=Xyzzyx", "Nous ne connaissons pas de commune"),
        ("lieu=Nozay&km=abc", "Choisissez une distance"),
        ("type=spaceship", "Choisissez une catégorie"),
        ("type=kitchen&meals_per_day=lots", "nombre"),
        ("type=storage&date=2026-11-08&fin=2026-11-05", "Le dernier jour ne peut pas précéder"),
    ],
)
def test_what_cannot_be_is_told_and_the_rest_still_found(client, world, query, words):
    page = html(client, f"/ressources?{query}")
    assert words in page
    assert "0 ressource" not in page


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=-1",
        "page=99999999999",
        "page=x",
        "date=",
        "q=%27%22%3C%25",
        "km=5",
        "vue=zzz",
        "f=1&f=2",
        "date=0001-01-01",
    ],
)
def test_odd_addresses_are_no_crash(client, world, query):
    html(client, f"/ressources?{query}")


def test_pages_are_counted(client, world):
    for _number in range(14):
        a_resource(world["nort"].site, hours="24/7")
    assert 'aria-current="page"' in html(client, "/ressources?page=2")
    assert html(client, "/ressources?page=7").count('<article class="card') == 6


def test_the_map_shows_where_results_are(client, world):
    page = html(client, "/ressources?vue=carte&type=kitchen")
    assert "<svg viewBox" in page
    assert "Nozay" in page


def test_the_fragment_is_what_a_reload_shows(client, world):
    for query in (
        "",
        "?type=kitchen",
        f"?type=kitchen&lieu=Nozay&km=5&{TUESDAY}",
        "?vue=carte",
        "?date=2026-10-04",
    ):
        assert_same_after_swap(client, f"/ressources{query}", target="results")


def test_choosing_a_kind_brings_its_fields_along(client, world):
    answer = client.get("/ressources?type=storage&q=&km=20&champs=kitchen", headers=HTMX)
    fragment = answer.get_data(as_text=True)
    assert 'id="more" hx-swap-oob="true"' in fragment
    assert 'name="regime"' in fragment
    assert 'name="fin"' in fragment
    same = client.get("/ressources?type=storage&champs=storage", headers=HTMX).get_data(as_text=True)
    assert 'id="more"' not in same
    assert answer.headers["HX-Replace-Url"] == "/ressources?type=storage"


@pytest.mark.parametrize(
    "query, most", [("", 8), (f"?{TUESDAY}", 6), ("?date=2026-10-06", 8), ("?type=kitchen&lieu=Nozay", 9)]
)
def test_a_page_of_results_takes_few_statements(client, world, query, most):
    for _number in range(10):
        a_resource(world["nort"].site, hours="24/7")
    html(client, f"/ressources{query}")
    with count_queries(at_most=most):
        html(client, f"/ressources{query}")


def test_a_day_without_hours_follows_to_the_page_of_the_place(client, world):
    page = html(client, "/ressources?type=kitchen&date=2026-10-06")
    assert f'href="/ressources/{world["nort"].slug}?date=2026-10-06"' in page
    assert 'value="2026-10-06"' in html(client, f"/ressources/{world['nort'].slug}?date=2026-10-06")
