"""The planning: which resources, which days, what each reader may know, and how much it asks of the database."""

import gzip
import re

import pytest

from app.accounts.models import Role
from app.availability.closures import Subject, close
from app.availability.queries import Wish
from app.availability.service import take
from app.bookings import service as bookings
from app.catalogue.models import Approval, Status, Visibility
from tests.availability.test_examples import STORAGE
from tests.factories import (
    a_coordinator,
    a_manager,
    a_member,
    a_person,
    a_resource,
    a_site,
    a_territory,
    actor_of,
    an_organisation,
    span,
)
from tests.helpers import count_queries

pytestmark = pytest.mark.usefixtures("frozen")
DAY = "2026-10-06"
WEEK = f"date={DAY}&vue=semaine"


@pytest.fixture
def territory(session):
    return a_territory(name="Entre Erdre et Don")


@pytest.fixture
def site(territory):
    return a_site(an_organisation(territory, name="Mairie de Nort"), name="Pôle de l’Erdre", slug="pole")


@pytest.fixture
def kitchen(site):
    return a_resource(
        site, slug="cuisine", name="Cuisine du port", hours="Mo-Sa 07:00-22:00; PH off", buffer_after=45
    )


@pytest.fixture
def cold(site):
    return a_resource(site, slug="froid", name="Chambre froide", hours="24/7", **STORAGE)


@pytest.fixture
def gleaners(territory):
    return an_organisation(territory, name="Les Glaneurs")


def html(client, query: str = f"date={DAY}", status: int = 200) -> str:
    answer = client.get(f"/planning?{query}", headers={"Accept-Language": "fr"})
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def row(page: str, name: str) -> str:
    (found,) = [each for each in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if f">{name}</a>" in each]
    return found


def cells(piece: str) -> list[tuple[str, int]]:
    found = re.findall(r'<td class="([\w ]+)"(?: colspan="(\d+)")?', piece)
    return [(kind, int(width or 1)) for kind, width in found]


def book(resource, organisation, person, start: str, end: str, quantity: int = 1, **facts):
    wish = bookings.Request(
        resource.id, organisation.id, span(start, end), purpose="Soupes", quantity=quantity, **facts
    )
    actor = actor_of(person, memberships={organisation.id: Role.MEMBER})
    return bookings.ask(wish, actor, uid_host="mutualim.test")


# -- what is drawn ------------------------------------------------------------------------------------------


def test_a_day_is_one_row_of_joined_quarters(client, kitchen, gleaners):
    book(kitchen, gleaners, a_member(gleaners), f"{DAY} 09:00", f"{DAY} 12:00")
    page = html(client)
    assert "mardi 6 octobre" in page
    found = cells(row(page, "Cuisine du port"))
    assert found == [("free", 5), ("buffer", 3), ("busy", 12), ("buffer", 3), ("free", 37)]
    assert sum(width for _kind, width in found) == page.count('colspan="4">') * 4 == 60  # 07:00 to 22:00
    assert (
        f"/ressources/cuisine/demander?date={DAY}&amp;de=12:45&amp;a=13:45" not in page
    )  # the step is half an hour
    assert f"/ressources/cuisine/demander?date={DAY}&amp;de=13:00&amp;a=14:00" in page


def test_what_is_lent_by_days_tells_how_many_are_free(client, cold, gleaners, kitchen):
    book(cold, gleaners, a_member(gleaners), "2026-10-05 00:00", "2026-10-09 00:00")
    assert "23/24 libres" in row(html(client), "Chambre froide")
    piece = row(html(client, WEEK), "Chambre froide")
    assert piece.count("23/24 libres") == 4
    assert piece.count("24/24 libres") == 3
    assert "/ressources/froid/demander?date=2026-10-10&amp;fin=2026-10-10" in piece


def test_a_week_lists_what_is_free_and_what_is_taken_each_day(client, kitchen, gleaners, login, site):
    book(kitchen, gleaners, a_member(gleaners), f"{DAY} 09:00", f"{DAY} 12:00")
    login(client, a_manager(site))
    page = html(client, WEEK)
    assert "5 – 11 octobre 2026" in page
    piece = row(page, "Cuisine du port")
    assert piece.count("<td") == 7
    assert "07:00–22:00" in piece
    assert "09:00–12:00 Les Glaneurs" in piece
    assert "Hors horaires" in piece  # on Sunday


def test_a_full_day_of_a_week_leads_to_the_day(client, kitchen, gleaners):
    room = a_resource(kitchen.site, name="Salle", hours="Mo-Sa 08:00-20:00")
    for hour in (9, 12, 15):
        book(room, gleaners, a_member(gleaners), f"{DAY} {hour:02}:00", f"{DAY} {hour + 1:02}:00")
    piece = row(html(client, f"{WEEK}&type=kitchen"), "Salle")
    assert re.findall(r"\d\d:\d\d–\d\d:\d\d", piece).count("08:00–20:00") == 5
    for hours, is_shown in {"08:00–09:00": True, "10:00–12:00": True, "12:00–13:00": False}.items():
        assert (hours in piece) is is_shown
    assert f'href="/planning?type=kitchen&amp;date={DAY}">et 4 autres' in piece


def test_a_closure_is_told_apart_from_closed_hours(client, kitchen):
    close(
        Subject.of(kitchen),
        span(f"{DAY} 00:00", "2026-10-07 00:00"),
        "Réfection du sol",
        actor_of(a_person()),
    )
    a_resource(kitchen.site, name="École", hours="We 08:00-12:00")
    page = html(client)
    assert "Réfection du sol" in row(page, "Cuisine du port")
    assert [kind for kind, _width in cells(row(page, "École"))] == ["outside say"]


def test_what_a_closure_keeps_is_seen_beside_it(client, cold, gleaners, login, site, territory):
    room = a_resource(
        site, name="Labo", hours="Mo-Sa 07:00-22:00", mode="stations", capacity=4, unit="station"
    )
    member, manager = a_member(gleaners), a_manager(site)
    labo = book(room, gleaners, member, f"{DAY} 09:00", f"{DAY} 12:00", quantity=2)
    stay = book(cold, gleaners, member, f"{DAY} 00:00", "2026-10-08 00:00", quantity=3)
    for place in (room, cold):
        close(Subject.of(place), span(f"{DAY} 00:00", "2026-10-07 00:00"), "Travaux", actor_of(manager))
    queries = (f"date={DAY}", WEEK)
    assert all("Pris" in row(html(client, query), "Labo") for query in queries)  # by whom is for who may know
    for reader in (manager, member):
        login(client, reader)
        for query in queries:
            page = html(client, query)
            for name, booking in (("Labo", labo), ("Chambre froide", stay)):
                assert "Travaux" in row(page, name)
                assert f'href="/reservations/{booking.ref}">' in row(page, name)
                assert "Les Glaneurs" in row(page, name)
    week = row(html(client, WEEK), "Labo")
    assert week.count("Travaux") == 1


def test_what_cannot_be_used_says_so(client, kitchen):
    a_resource(kitchen.site, name="Éplucheuse", status=Status.OUT_OF_ORDER)
    assert "Hors service" in row(html(client), "Éplucheuse")


# -- who may know what --------------------------------------------------------------------------------------


def test_names_are_for_those_who_may_read_them(client, kitchen, gleaners, login, site, territory):
    member = a_member(gleaners)
    book(kitchen, gleaners, member, f"{DAY} 09:00", f"{DAY} 12:00")
    assert cells(row(html(client), "Cuisine du port"))[2] == ("busy", 12)
    assert "Les Glaneurs" not in html(client)
    assert "Pris" in html(client)
    login(client, a_member(an_organisation(territory)))
    assert "Les Glaneurs" not in html(client)
    assert "Demandé" in html(client)
    for reader, kind in ((member, "mine waits"), (a_manager(site), "pending waits"), (a_coordinator(territory), "pending waits")):  # fmt: skip
        login(client, reader)
        piece = row(html(client), "Cuisine du port")
        assert (kind, 12) in cells(piece)
        assert "Les Glaneurs" in piece
        assert "En attente de réponse" in piece
        assert "/reservations/" in piece


def test_ones_own_part_of_what_several_share_is_marked_with_its_number(
    client, cold, gleaners, login, site, territory
):
    room = a_resource(
        site, name="Labo", hours="Mo-Sa 07:00-22:00", mode="stations", capacity=4, unit="station"
    )
    member, others = a_member(gleaners), an_organisation(territory, name="La Grange")
    labo = book(room, gleaners, member, f"{DAY} 09:00", f"{DAY} 12:00", quantity=2)
    book(room, others, a_member(others), f"{DAY} 10:00", f"{DAY} 11:00", quantity=2)
    stay = book(cold, gleaners, member, f"{DAY} 00:00", "2026-10-08 00:00", quantity=3)
    assert "Les Glaneurs" not in html(client)
    login(client, member)
    for query in (f"date={DAY}", WEEK):
        page = html(client, query)
        assert f'href="/reservations/{labo.ref}">' in row(page, "Labo")
        assert "Les Glaneurs : 2 postes" in row(page, "Labo").replace("\xa0", " ")
        assert "Les Glaneurs : 3 palettes" in row(page, "Chambre froide").replace("\xa0", " ")
        assert f'href="/reservations/{stay.ref}">' in row(page, "Chambre froide")
        assert "21/24 libres" in row(page, "Chambre froide")  # and what is left can still be asked for
    kinds = [kind for kind, _width in cells(row(html(client), "Labo"))]
    assert kinds == ["free", "free", "pending waits", "free", "free"]
    week = row(html(client, WEEK), "Labo").replace("\xa0", " ")
    assert "09:00–12:00 Les Glaneurs : 2 postes" in week  # once, though others come and go meanwhile
    assert "10:00–11:00 Demandé" in week


def test_a_cell_too_narrow_for_words_leads_to_the_page_of_the_place(client, gleaners, login, site, territory):
    dock = a_resource(
        site, name="Quai", slug="quai", hours="Mo-Sa 07:00-22:00", min_minutes=30, shows_holder=True
    )
    book(dock, gleaners, a_member(gleaners), f"{DAY} 09:00", f"{DAY} 09:30")
    login(client, a_member(an_organisation(territory)))
    piece = row(html(client), "Quai")
    assert f'<a href="/ressources/quai?date={DAY}">' in piece
    assert "Les Glaneurs" in piece


def test_reserved_differs_from_asked(client, gleaners, login, site):
    kitchen = a_resource(site, name="Cuisine du port", hours="Mo-Sa 07:00-22:00", approval=Approval.AUTO)
    book(kitchen, gleaners, a_member(gleaners), f"{DAY} 09:00", f"{DAY} 12:00")
    login(client, a_manager(site))
    assert ("busy", 12) in cells(row(html(client), "Cuisine du port"))


def test_members_read_names_where_the_place_shows_them(client, site, gleaners, login, territory):
    kitchen = a_resource(site, name="Cuisine du port", hours="Mo-Sa 07:00-22:00", shows_holder=True)
    book(kitchen, gleaners, a_member(gleaners), f"{DAY} 09:00", f"{DAY} 12:00")
    login(client, a_member(an_organisation(territory)))
    piece = row(html(client), "Cuisine du port")
    assert "Les Glaneurs" in piece
    assert "/reservations/" not in piece


def test_what_is_for_members_is_not_for_visitors(client, kitchen, login, gleaners):
    a_resource(kitchen.site, name="Labo", visibility=Visibility.MEMBERS)
    a_resource(kitchen.site, name="Coffre", visibility=Visibility.HIDDEN)
    assert "Labo" not in html(client)
    login(client, a_member(gleaners))
    assert "Labo" in html(client)
    assert "Coffre" not in html(client)


# -- which resources ----------------------------------------------------------------------------------------


def test_filters_are_in_the_address(client, kitchen, cold, territory, login, gleaners):
    far = a_site(gleaners, name="Loin", slug="loin", lat=48.4, lon=-1.5)
    a_resource(far, name="Fourgon", kind="vehicle", slug="fourgon")
    elsewhere = a_territory(name="Ailleurs", slug="ailleurs")
    a_resource(a_site(an_organisation(elsewhere)), name="Étable")
    everything = {"Cuisine du port", "Chambre froide", "Fourgon", "Étable"}
    member = a_member(gleaners)
    for query, expected in {
        "": everything,
        "type=storage": {"Chambre froide"},
        "site=loin": {"Fourgon"},
        "site=nulle-part": everything,
        "territoire=ailleurs": {"Étable"},
        "lieu=Nort-sur-Erdre&km=20": everything - {"Fourgon"},
        "qui=gere": everything,  # means nothing for a visitor
    }.items():
        assert shown(html(client, f"date={DAY}&{query}")) == expected
    login(client, member)
    assert shown(html(client, f"date={DAY}&qui=structure")) == {"Fourgon"}
    login(client, a_manager(kitchen.site))
    assert shown(html(client, f"date={DAY}&qui=gere")) == {"Cuisine du port", "Chambre froide"}


def shown(page: str) -> set[str]:
    return set(re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)</a>', page))


def test_a_filter_that_counts_can_be_let_go(client, kitchen):
    page = html(client, f"date={DAY}&type=kitchen&lieu=Nort-sur-Erdre")
    assert 'href="/planning?lieu=Nort-sur-Erdre&amp;date=2026-10-06"' in page
    assert 'href="/planning?type=kitchen&amp;date=2026-10-06"' in page
    assert "Rien ne répond à tout cela" in html(client, "type=land")


def test_days_before_and_after(client, kitchen):
    page = html(client)
    for day in ("2026-10-05", "2026-10-07"):
        assert f'href="/planning?date={day}#jour"' in page
    week = html(client, WEEK)
    for day in ("2026-09-29", "2026-10-13"):
        assert "vue=semaine" in week
        assert f"date={day}" in week
    assert "mardi 1er septembre" in html(client, "")  # today
    assert "Aujourd’hui" not in html(client, "")


@pytest.mark.parametrize(
    ("days", "query", "caption"),
    [
        (0, "vue=semaine", "31 août – 6 septembre 2026"),  # it is Tuesday
        (4, "vue=semaine", "31 août – 6 septembre 2026"),  # Saturday
        (5, "vue=semaine", "7 – 13 septembre 2026"),  # Sunday: the week that ends has no day ahead
        (5, "vue=semaine&date=2026-09-06", "31 août – 6 septembre 2026"),  # it was asked for
        (5, "vue=semaine&date=demain", "7 – 13 septembre 2026"),
        (5, "", "dimanche 6 septembre"),
    ],
)
def test_the_week_that_opens_has_days_ahead(client, kitchen, frozen, days, query, caption):
    frozen.tick(days=days)
    assert caption in html(client, query)


def test_on_a_sunday_the_ending_week_is_one_press_away(client, kitchen, frozen):
    frozen.tick(days=5)
    assert 'vue=semaine&amp;date=2026-09-06#jour">Aujourd’hui' in html(client, "vue=semaine")


@pytest.mark.parametrize("day", ["2026-02-31", "demain", "1999-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_told_and_today_is_shown(client, kitchen, day):
    page = html(client, f"date={day}")
    assert "mardi 1er septembre" in page
    assert 'class="error"' in page


@pytest.mark.parametrize("day", ["2026-10-25", "2027-03-28"])
@pytest.mark.parametrize("view", ["", "&vue=semaine"])
def test_the_days_when_the_clocks_change(client, kitchen, day, view):
    a_resource(kitchen.site, name="Hangar", hours="24/7")
    piece = row(html(client, f"date={day}{view}"), "Hangar")
    assert 'class="free"' in piece


def test_pages_of_twenty_five(client, site):
    for number in range(28):
        a_resource(site, name=f"Placard {number:02}")
    first, second = html(client), html(client, f"date={DAY}&page=2")
    assert len(shown(first)) == 25
    assert shown(second) == {"Placard 25", "Placard 26", "Placard 27"}
    assert shown(html(client, f"date={DAY}&page=99")) == shown(second)
    assert "28 ressources, page 1 sur 2" in first


# -- how much it asks and weighs ----------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["", "&vue=semaine"])
def test_statements_do_not_grow(client, kitchen, cold, gleaners, login, site, view):
    member = a_member(gleaners)

    def grow(hour: int) -> None:
        for number in range(8):
            other = a_resource(site, name=f"Four {hour} {number}", shows_holder=bool(number % 2))
            book(other, gleaners, member, f"{DAY} {hour:02}:00", f"{DAY} {hour + 2:02}:00")
            stock = a_resource(site, name=f"Cave {hour} {number}", hours="24/7", **STORAGE)
            book(stock, gleaners, member, f"{DAY} 00:00", "2026-10-08 00:00")

    grow(9)
    login(client, a_manager(site))
    html(client, f"date={DAY}{view}")
    with count_queries() as few:
        html(client, f"date={DAY}{view}")
    grow(14)
    with count_queries() as many:
        html(client, f"date={DAY}{view}")
    assert len(many) == len(few) <= 13


@pytest.mark.parametrize("view", ["", "&vue=semaine"])
def test_a_crowded_page_stays_light(client, site, view):
    """Twenty-five places, each taken five times a day, every day of the week."""
    for number in range(25):
        room = a_resource(site, name=f"Poste {number:02}", hours="24/7", min_minutes=30, capacity=2)
        wishes = [
            Wish(room.id, span(f"2026-10-{day:02} {hour:02}:00", f"2026-10-{day:02} {hour + 1:02}:00"), 2)
            for day in range(5, 12)
            for hour in (8, 10, 12, 14, 16)
        ]
        take(wishes)
    page = html(client, f"date={DAY}{view}")
    assert len(shown(page)) == 25
    assert len(re.findall(r"<[a-zA-Z]", page)) <= 1500
    assert len(gzip.compress(page.encode(), 4)) <= 15 * 1024


def test_the_list_and_the_pages_of_a_place_lead_to_it(client, kitchen):
    found = client.get(f"/ressources?type=kitchen&date={DAY}").get_data(as_text=True)
    assert f'href="/planning?type=kitchen&amp;date={DAY}"' in found
    assert 'href="/planning?site=pole&amp;' in client.get("/ressources/cuisine").get_data(as_text=True)
    assert f'href="/ressources?date={DAY}"' in html(client)


# -- adding to a request for several resources --------------------------------------------------------------


def test_free_times_add_to_a_request_that_is_being_put_together(client, login, kitchen, cold, gleaners):
    login(client, a_member(gleaners))
    assert "/ressources/froid/demander?" in client.get(f"/planning?date={DAY}").get_data(as_text=True)
    client.get(f"/demander?ressource=cuisine&date={DAY}&de=09:00&a=12:00")
    page = client.get(f"/planning?date={DAY}", headers={"Accept-Language": "fr"}).get_data(as_text=True)
    assert "/ressources/froid/demander?" not in page
    found = re.search(r'href="(/demander\?ressource=froid[^"]+)"[^>]*>(.*?)</a>', page, re.DOTALL)
    assert found
    assert "+ 24/24" in found[2]
    assert "Choisissez un créneau libre d’une autre ressource pour l’ajouter." in page
    assert client.get(found[1].replace("&amp;", "&")).status_code == 303
    draft = client.get("/demander").get_data(as_text=True)
    assert "Cuisine du port" in draft
    assert "Chambre froide" in draft
