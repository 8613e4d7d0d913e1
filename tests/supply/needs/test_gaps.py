"""What is missing: searches that find nothing are counted once for each browser, of nobody, and told to the coordination."""

import pytest
from sqlalchemy import select

from app.availability.events import SearchCameToNothing
from app.availability.queries import Wish
from app.availability.service import take
from app.bookings import service as bookings
from app.infra.db import db
from app.infra.events import emit
from app.supply.chains.events import PlanCameToNothing
from app.supply.needs.counting import count_unmet, forget_counts, refused_in
from app.supply.needs.models import UnmetCount
from app.supply.needs.rules import Source
from app.web.format import few
from tests.factories import (
    a_coordinator,
    a_manager,
    a_member,
    a_resource,
    a_site,
    a_territory,
    actor_of,
    an_organisation,
    span,
)
from tests.supply.chains.valley import Valley

pytestmark = pytest.mark.usefixtures("session", "frozen")
NOZAY, NORT = "44113", "44110"
IN_VAIN = "/ressources?type=storage&lieu=Nort-sur-Erdre&km=5&date=2026-09-08&fin=2026-09-09"


@pytest.fixture
def territory():
    return a_territory(name="Erdre", slug="erdre", communes=[NORT, NOZAY])


def counts():
    rows = db.session.execute(
        select(
            UnmetCount.source, UnmetCount.kind, UnmetCount.commune_code, UnmetCount.regime, UnmetCount.number
        )
    )
    return [tuple(row) for row in rows]


def text(answer):
    return " ".join(answer.get_data(as_text=True).split())


def a_browser(app):
    """Give a browser that has been here before."""
    client = app.test_client()
    client.get("/ressources")
    return client


def test_a_search_that_finds_nothing_is_counted_once_for_each_browser(app, territory):
    first = a_browser(app)
    for path in (IN_VAIN, IN_VAIN, IN_VAIN.replace("09-09", "09-10")):
        assert "Nothing fits" in text(first.get(path, headers={"Accept-Language": "en"}))
    assert counts() == [("search", "storage", NORT, "", 1)]
    a_browser(app).get(IN_VAIN)
    assert counts() == [("search", "storage", NORT, "", 2)]
    [week] = db.session.scalars(select(UnmetCount.week))
    assert week.isoformat() == "2026-08-31"


SLOT = "date=2026-09-08&de=09:00&a=12:00"


def test_what_is_found_and_not_free_when_it_is_wanted_is_counted(app, territory):
    """The search finds a kitchen; on its page it is taken at that time, and nothing like it is free near by."""
    site = a_site(an_organisation(territory), hours="Mo-Su 08:00-20:00")
    kitchen = a_resource(site, name="Cuisine")
    client = a_browser(app)
    client.get("/ressources?type=kitchen")
    client.get(f"/ressources/{kitchen.slug}?{SLOT}")
    assert counts() == []
    take([Wish(kitchen.id, span("2026-09-08 08:00", "2026-09-08 20:00"), kitchen.capacity)], override=True)
    for _again in range(2):
        client.get(f"/ressources/{kitchen.slug}/creneau?{SLOT}")
    assert counts() == [("search", "kitchen", site.commune_code, "", 1)]
    a_resource(site, name="Autre cuisine")
    other = a_browser(app)
    other.get(f"/ressources/{kitchen.slug}?{SLOT}")
    other.get(f"/ressources/{kitchen.slug}?date=2026-08-08&de=09:00&a=12:00")  # nobody could have that
    assert counts() == [("search", "kitchen", site.commune_code, "", 1)]


def test_more_of_it_than_there_is_is_counted(app, territory):
    site = a_site(an_organisation(territory), hours="24/7")
    store = a_resource(
        site, kind="storage", name="Chambre froide", mode="quantity", capacity=4, unit="pallet"
    )
    a_browser(app).get(f"/ressources/{store.slug}?{SLOT}&quantite=5")
    assert [count[:2] for count in counts()] == [("search", "storage")]


def test_a_leg_of_a_chain_that_was_refused_is_counted(territory):
    valley = Valley()
    chain = valley.ask_for()
    bookings.refuse(chain.bundle.legs[3].id, valley.manager, "Travaux")
    found = {(row.kind, row.refused) for row in refused_in(valley.territory)}
    assert found == {("kitchen", 1)}


def test_who_coordinates_finds_the_way_to_what_is_missing(territory, client, login):
    login(client, a_coordinator(territory))
    assert "/besoins/manques" in text(client.get("/besoins"))
    login(client, a_member(an_organisation(territory)))
    assert "/besoins/manques" not in text(client.get("/besoins"))


def test_who_brings_no_cookie_is_not_counted(app, territory):
    app.test_client().get(IN_VAIN)
    assert counts() == []


@pytest.mark.parametrize(
    "path",
    [
        "/ressources?q=zzz",  # neither a kind nor a time
        "/ressources?type=storage&lieu=Nulle-part-du-tout",
        "/ressources?type=chateau",
        "/ressources?type=kitchen",  # there is one
    ],
)
def test_what_is_not_in_vain_is_not_counted(app, territory, path):
    a_resource(a_site(an_organisation(territory)), name="Cuisine")
    a_browser(app).get(path)
    assert counts() == []


def test_it_belongs_to_the_territory_of_its_commune(territory):
    other = a_territory(communes=["44036"])
    for commune in (NORT, "44036", "", "75056"):
        emit(SearchCameToNothing("kitchen", commune, ""))
    rows = db.session.execute(select(UnmetCount.territory_id, UnmetCount.commune_code)).all()
    assert [tuple(row) for row in rows] == [(territory.id, NORT), (other.id, "44036")]
    emit(PlanCameToNothing(territory.id, NOZAY, "produce"))
    assert ("plan", "", NOZAY, "produce", 1) in counts()


def test_counts_are_forgotten_after_a_year(territory, frozen):
    count_unmet(territory.id, Source.SEARCH, "kitchen", NORT, "")
    frozen.tick(days=360)
    forget_counts()
    assert len(counts()) == 1
    frozen.tick(days=10)
    forget_counts()
    assert counts() == []


def test_small_numbers_are_not_told(app):
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert [few(number) for number in (0, 1, 2, 3)] == ["0", "fewer than 3", "fewer than 3", "3"]


def test_the_coordination_reads_what_is_missing(territory, client, login, frozen):
    for _time in range(4):
        count_unmet(territory.id, Source.SEARCH, "storage", NORT, "frozen")
    count_unmet(territory.id, Source.PLAN, "", NOZAY, "")
    site = a_site(an_organisation(territory), hours="24/7", name="Pôle de l’Erdre")
    kitchen, manager = a_resource(site, name="Cuisine"), a_manager(site)
    asker = an_organisation(territory, name="Les Glaneurs")
    member = a_member(asker)
    wish = bookings.Request(kitchen.id, asker.id, span("2026-09-08 09:00", "2026-09-08 12:00"), 1, "Soupes")
    asked = bookings.ask(wish, actor_of(member, memberships={asker.id: "member"}), uid_host="mutualim.test")
    bookings.refuse(
        asked.id, actor_of(manager, managed_sites=frozenset({site.id})), "Un motif qui reste entre eux"
    )

    login(client, member)
    assert client.get("/besoins/manques").status_code == 403
    login(client, a_coordinator(territory, locale="en"))
    page = text(client.get("/besoins/manques", headers={"Accept-Language": "en"}))
    for said in ("Storage", "A whole chain", "Nort-sur-Erdre", ">4<", "fewer than 3", "Pôle de l’Erdre"):
        assert said in page, said
    for hidden in ("Les Glaneurs", "Un motif qui reste entre eux"):
        assert hidden not in page
    table = client.get("/besoins/manques.csv").get_data(as_text=True)
    assert table.splitlines()[1].split(";")[0] == "2026-08-31"
    assert "moins de" in table.replace("\u00a0", " ")
    assert "/besoins/manques?territoire=erdre" in text(client.get("/pat"))
    frozen.tick(weeks=13)
    login(client, a_coordinator(territory, locale="en"))
    assert "Nothing was looked for in vain" in text(
        client.get("/besoins/manques", headers={"Accept-Language": "en"})
    )
