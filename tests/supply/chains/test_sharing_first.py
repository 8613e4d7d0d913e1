"""Who shares what a chain costs, and by which key, is chosen and seen before it is asked for; asked in the same act."""

import re
from datetime import UTC
from html import unescape
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from app.accounts.models import Role
from app.bookings.costs import find_all_costs
from app.bookings.goods import goods_of
from app.bookings.models import Booking
from app.infra.db import db
from app.infra.uow import atomic
from app.payments.models import PartyState
from app.supply.chains.models import Chain
from tests.bookings.pages import text_of
from tests.factories import a_member, a_site, an_organisation, at
from tests.supply.chains.test_prepare_pages import (
    PREPARE,
    choices,
    fields,
    links,
    links_of_form,
    number_of,
    taken,
)
from tests.supply.land import Land, free_as_in_s12


class Shared(Land):
    """The kitchen and the first van are the EPCI's, the cold room and the second van an association's."""

    def __init__(self) -> None:
        super().__init__()
        self.epci = self.owner
        self.carriers = an_organisation(self.territory, name="Froid partagé")
        with atomic():
            self.epci.name = "EPCI"
            for resource in (self.s5, self.v2):
                near = resource.site
                resource.site = a_site(
                    self.carriers, hours="Mo-Su 06:00-20:00", lat=near.lat, lon=near.lon, name=near.name
                )
        self.grocery = an_organisation(self.territory, name="Épicerie sociale")
        self.grocer = a_member(self.grocery, role=Role.TREASURER)

    @property
    def offer(self):
        """Give what is given away and carried, all of it taken by who asks."""
        return taken(self)[0]

    def typed(self, key="percent", own="20", **parts):
        """Give the sharing of scenario S13, or another key with its parts."""
        given = parts or {"grocery": "50", "epci": "30"}
        lines: dict[str, str] = {}
        for n, (name, part) in enumerate(given.items()):
            lines |= {f"who_{n}": getattr(self, name).public_id, f"part_{n}": part}
        return {"key": key, "part_own": own, "line_count": "3"} | lines


@pytest.fixture
def land(session, frozen):
    frozen.move_to(at("2026-09-10 09:00").astimezone(UTC))
    world = Shared()
    free_as_in_s12(world)
    return world


def chosen(client, offer):
    """Open the page that asks for the chain of scenario S12; give its address and what it sends."""
    [prepare] = links(client.get(f"/surplus/{offer.public_id}"), PREPARE)
    form = client.get(choices(client.get(f"{prepare}&attente=oui&jour=2026-09-17&heure=14:00"))[0])
    return links_of_form(form), fields(form), form


def rows_of(page):
    """Read the table of who bears what: who, whom it is paid to, how much; and what each bears in all."""
    body = page.get_data(as_text=True)
    table = body[body.index('id="partage"') :]
    table = table[: table.index("</details>")]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    cells = [re.findall(r"<td.*?</td>", row, re.DOTALL) for row in rows]
    return [
        " | ".join(unescape(" ".join(re.sub(r"<[^>]+>", " ", cell).split())) for cell in row)
        for row in cells
        if row
    ]


@pytest.mark.scenario(number="S13")
@pytest.mark.scenario(number="S14")
def test_s13_and_s14_are_seen_before_anything_is_asked_for(land, browser):
    client = browser(land.treasurer_person)
    action, sent, first = chosen(client, land.offer)
    assert "Share the cost" in text_of(first)
    assert "In all" not in rows_of(first)
    page = client.post(action, data=sent | land.typed() | {"parts": "1"})
    ours = land.association.name
    assert page.status_code == 200
    assert sorted(rows_of(page)) == sorted([
        f"{ours} | EPCI | €26.24",
        f"{ours} | Froid partagé | €4.24",
        f"{ours} in all | €30.48",
        "EPCI | EPCI Recorded as in kind, no bill | €39.36",
        "EPCI | Froid partagé | €6.36",
        "EPCI in all | €45.72",
        "Épicerie sociale | EPCI | €65.60",
        "Épicerie sociale | Froid partagé | €10.60",
        "Épicerie sociale in all | €76.20",
    ])  # fmt: skip
    assert number_of(Booking) == 0, "it was only looked at"


def parts_of(chain):
    plans = [each.plan for each in goods_of(chain.bundle_id)]
    plans += [each.plan for each in find_all_costs(chain.bundle.legs)]
    return [{party.organisation_id: (party.weight, party.state) for party in plan.parties} for plan in plans]


def test_it_is_asked_for_and_shared_in_one_act(land, browser):
    client = browser(land.treasurer_person)
    action, sent, _first = chosen(client, land.offer)
    answer = client.post(action, data=sent | land.typed())
    chain = db.session.scalars(select(Chain)).one()
    assert urlsplit(answer.location).path == f"/filieres/{chain.bundle.ref}"
    assert "Whoever is to share the cost is asked by e-mail" in text_of(client.get(answer.location))
    wanted = {
        land.association.id: (2000, PartyState.ACCEPTED),
        land.grocery.id: (5000, PartyState.INVITED),
        land.epci.id: (3000, PartyState.INVITED),
    }
    assert parts_of(chain) == [wanted] * 4
    asked = text_of(browser(land.grocer).get(f"/filieres/{chain.bundle.ref}/couts"))
    assert "Épicerie sociale is asked to share this cost" in asked
    assert "Its part as things stand: €76.20." in asked, "what was seen before"
    told = text_of(client.get(f"/filieres/{chain.bundle.ref}/couts"))
    assert told.count("Épicerie sociale has not answered yet") == 1
    assert client.post(action, data=sent | land.typed()).location == answer.location
    again = client.post(action, data=sent | land.typed(own="50", grocery="50"))
    assert "already been sent with other answers" in text_of(again)


def test_by_kilos_with_the_goods_after_what_a_programme_pays(land, browser):
    land.envelope(5000, kinds=("kitchen",))
    client = browser(land.treasurer_person)
    action, sent, _first = chosen(client, taken(land, price_cents=50)[0])
    kilos = land.typed("metered", "300", grocery="100")
    rows = rows_of(client.post(action, data=sent | kilos | {"parts": "1"}))
    ours = land.association.name
    for told in (
        f"{ours} | GAEC des Touches | €150.00",
        "Épicerie sociale | GAEC des Touches | €50.00",
        "PAT | EPCI | €48.00",
        f"{ours} | EPCI | €62.40",  # three quarters of 35.20 and of 48.00
        "Épicerie sociale | EPCI | €20.80",
    ):
        assert told in rows, told
    client.post(action, data=sent | kilos)
    chain = db.session.scalars(select(Chain)).one()
    assert [parts[land.grocery.id] for parts in parts_of(chain)] == [(100_000, PartyState.INVITED)] * 5


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"part_0": "40"}, "100"),
        ({"part_0": "x"}, "Enter a number, 0 or more"),
        ({"who_0": "", "part_0": "50"}, "Choose which organisation this is for"),
        (
            {"who_0": "", "who_1": "", "part_0": "", "part_1": "", "part_own": "100"},
            "Choose below who shares",
        ),
        ({"who_1": "nobody"}, "Not a valid choice"),
    ],
)
def test_what_is_wrong_in_it_is_said_and_loses_nothing(land, browser, changed, told):
    client = browser(land.treasurer_person)
    action, sent, _first = chosen(client, land.offer)
    typed = sent | land.typed() | {"message": "On arrive tôt"} | changed
    for how in ({"parts": "1"}, {}):
        page = client.post(action, data=typed | how)
        said = text_of(page)
        assert page.status_code == 422
        assert told in said
        assert "On arrive tôt" in said
        assert f'value="{typed["part_own"]}"' in said
    assert number_of(Booking) == number_of(Chain) == 0


def test_a_plan_that_is_gone_leaves_it_for_the_next_one(land, browser):
    client = browser(land.treasurer_person)
    action, sent, _first = chosen(client, land.offer)
    page = client.post(action, data=sent | land.typed() | {"plan": "gone"})
    assert page.status_code == 409
    assert rows_of(page) == []
    other, *_more = re.findall(r'name="choisir" value="([^"]+)"', text_of(page))
    again = client.post(action, data=fields(page) | land.typed() | {"choisir": other})
    assert "Épicerie sociale in all | €76.20" in rows_of(again)
    assert 'name="part_0" type="text" value="50"' in text_of(page)


def test_one_who_left_meanwhile_refuses_all_of_it(land, browser):
    client = browser(land.treasurer_person)
    action, sent, _first = chosen(client, land.offer)
    with atomic():
        land.grocery.state = "archived"
    page = client.post(action, data=sent | land.typed())
    assert page.status_code in (409, 422)
    assert "€152.40" in text_of(page)
    assert number_of(Booking) == number_of(Chain) == 0


def test_what_is_ones_own_is_shared_too(land, browser):
    with atomic():
        land.k1.site.owner = land.association
    client = browser(land.treasurer_person)
    action, sent, _first = chosen(client, land.offer)
    rows = rows_of(client.post(action, data=sent | land.typed("weights", "1", grocery="1") | {"parts": "1"}))
    assert f"Épicerie sociale | {land.association.name} | €48.00" in rows


def test_who_keeps_no_accounts_reads_who_can(land, browser):
    client = browser(land.person)
    action, sent, first = chosen(client, land.offer)
    assert "Whoever keeps the accounts of your organisation can share" in text_of(first)
    assert 'name="key"' not in text_of(first)
    assert client.post(action, data=sent | land.typed()).status_code == 303
    chain = db.session.scalars(select(Chain)).one()
    assert [[*parts] for parts in parts_of(chain)] == [[land.association.id]] * 4
