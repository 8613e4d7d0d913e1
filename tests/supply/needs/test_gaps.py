"""What is missing: searches that find nothing are counted once for each browser, of nobody, and told to the coordination."""

import pytest
from sqlalchemy import select

from app.availability.events import SearchCameToNothing
from app.bookings import service as bookings
from app.infra.db import db
from app.infra.events import emit
from app.supply.chains.events import PlanCameToNothing
from app.supply.needs.counting import count_unmet, forget_counts
from app.supply.needs.models import UnmetCount
from app.supply.needs.rules import Source
from app.supply.needs.views.gaps import few
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
