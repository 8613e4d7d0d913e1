"""Two organisations want the same evening: the manager sees both, in order, says yes to one and refuses the other."""

import pytest
from playwright.sync_api import expect

from tests.browser.town import FARM, GROCERY, HALL


@pytest.mark.journey
@pytest.mark.parametrize("javascript", [True, False])
def test_food_aid_comes_first_and_the_other_gets_a_reason(server, town, visitors, javascript):
    day = town.free_day(HALL)
    farm = town.book("producteur", HALL, day, "18:00-21:00", organisation=FARM, purpose="Plan de culture")
    aid = town.book("epicerie", HALL, day, "19:00-22:00", organisation=GROCERY, purpose="Assemblée")
    page = visitors.new(javascript=javascript, width=390, who=town.person("pole"))
    page.goto(f"{server.url}/a-traiter")
    cards = page.locator("article.request")
    expect(page.locator(f"#r-{aid}")).to_contain_text("N° 1 : Aide alimentaire")
    expect(page.locator(f"#r-{farm}")).to_contain_text("N° 2 : Production")
    order = cards.evaluate_all("all => all.map(each => each.id)")
    assert order.index(f"r-{aid}") + 1 == order.index(f"r-{farm}")

    page.locator(f"#r-{aid} form[action='/reservations/{aid}/accepter'] button").click()
    expect(page.locator(f"#r-{aid}")).to_have_count(0)
    page.goto(f"{server.url}/reservations/{farm}")  # other requests of the inbox may be more urgent now
    page.locator(f"#refuse-{farm} > summary").click()
    refusal = page.locator(f"form[action='/reservations/{farm}/refuser']")
    expect(refusal.locator("[name=reason]")).to_have_value(
        "Ce créneau revient à une demande prioritaire pour ce lieu "
        "(Aide alimentaire\u00a0: servie en premier). Vous trouverez d’autres créneaux et d’autres lieux proches dans ce courriel."
    )
    refusal.locator("button").click()
    expect(page.locator(f"#refuse-{farm}")).to_have_count(0)
    letter = server.wait_for_letter("producteur@demo.example", text="demande prioritaire")
    assert "Choisir un autre horaire" in letter.text or "/ressources/" in letter.text
