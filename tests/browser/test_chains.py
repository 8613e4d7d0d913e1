"""A surplus offered and taken on phones finds its van and its kitchen, with JavaScript and without it: to the hand-over and the cost."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from config import ROOT

PHOTO = ROOT / "static" / "icon-512.png"  # a photo will do that is no photo
ANSWERING = ("pole", "entrepot", "grange", "espace-test", "cantine")
GOODS = Decimal("36.00")  # 60 kg at 0,60, to who sells them
CHAIN = re.compile(r"/filieres/[2-9A-Z]{8}$")


@pytest.mark.journey
@pytest.mark.parametrize("javascript", [True, False])
def test_from_a_surplus_to_its_chain(server, town, visitors, javascript):
    product = f"Poires {'rouges' if javascript else 'jaunes'}"
    offer(
        visitors.new(javascript=javascript, width=390, who=town.person("anne.poirier")), server.url, product
    )
    page = visitors.new(javascript=javascript, width=390, who=town.person("epicerie"))
    page.goto(f"{server.url}/surplus")
    page.get_by_role("link", name=re.compile(product)).first.click()
    page.locator("#take [name=amount]").fill("60")
    page.locator("#take button[type=submit]").click()
    page.get_by_role("link", name="Organiser la filière").last.click()
    expect(page.locator("h1")).to_have_text(f"60 kg, {product}")
    page.locator("summary", has_text="Modifier la recherche").click()
    page.locator("[name=kilos]").fill("50")
    page.get_by_role("button", name="Chercher des filières").click()
    expect(page.locator("h1")).to_have_text(f"50 kg, {product}")
    expect(page.locator("main")).to_contain_text("Pourquoi pas d’autres")
    first = page.locator("article", has_text="Proposition 1")
    expect(first).to_contain_text("Collecte")
    first.get_by_role("link", name="Choisir celle-ci").click()
    expect(page.locator("h1")).to_have_text("Demander cette filière")
    in_all = foreseen(page) + GOODS
    page.locator("[name=purpose]").fill("")
    page.get_by_role("button", name="Envoyer la demande").last.click()
    expect(page.locator(".summary")).to_contain_text("Un point à corriger")
    page.locator("[name=purpose]").fill("Compotes du vendredi")
    if page.locator("[name=licence_years]").count():
        page.locator("[name=licence_years]").check()
    page.get_by_role("button", name="Envoyer la demande").last.click()
    page.wait_for_url(CHAIN)
    expect(page.locator("h1")).to_have_text("Compotes du vendredi")
    expect(page.locator("main")).to_contain_text(f"Part du surplus « {product} »")
    expect(page.locator("main")).to_contain_text(euros(in_all))  # what was told before it was asked for
    assert page.evaluate("document.documentElement.scrollWidth") <= 390 if javascript else True
    chain = page.url
    page.locator("a[href^='/surplus/']").first.click()
    expect(page.locator("main")).to_contain_text("Filière : Compotes du vendredi")
    expect(page.get_by_role("link", name="Organiser une autre filière").first).to_be_visible()

    places_answer(town, chain.rpartition("/")[2])
    page.goto(chain)
    expect(page.locator("main")).to_contain_text("Accepté")
    page.get_by_role("link", name="Le coût, et qui le prend en charge").click()
    expect(page.locator("main")).to_contain_text(euros(GOODS))
    expect(page.locator("main")).to_contain_text(euros(in_all))
    expect(page.locator("main")).to_contain_text("Verger communal des Pressoirs")
    hand_over(page, chain, product)


def foreseen(page) -> Decimal:
    """Read what all elements together would cost, goods apart, before anything is asked for."""
    told = re.findall(r"Coût estimé\s: ([\d,]+)\s€", page.locator("main").inner_text())
    return Decimal(told[-1].replace(",", "."))


def euros(amount: Decimal) -> str:
    return f"{amount:.2f}\u00a0€".replace(".", ",")


def offer(page, url: str, product: str) -> None:
    """Say on the field what there is too much of: what, how many kilos, what for a kilo, and a photo of it."""
    page.goto(f"{url}/surplus/proposer")
    page.locator("[name=product]").fill(product)
    page.locator("[name=category]").select_option(label="Fruits")
    page.locator("[name=amount]").fill("100")
    page.locator("[name=price]").fill("0,60")
    page.locator("[name=photo]").set_input_files(PHOTO)
    page.get_by_role("button", name="Proposer").click()
    expect(page.locator("h1")).to_contain_text(product)
    expect(page.locator("main")).to_contain_text("100 kg")
    expect(page.locator("main img").first).to_be_visible()


def places_answer(town, ref: str) -> None:
    """Let each place accept its leg: who answers for it is found by trying."""
    for leg in town.person("epicerie").call("GET", f"/chains/{ref}")["request"]["legs"]:
        answers = [
            town.person(who).desk.fetch(
                f"/api/v1/bookings/{leg['ref']}/approve",
                method="POST",
                headers={
                    "Authorization": f"Bearer {town.person(who).token}",
                    "Content-Type": "application/json",
                },
                data="{}",
            )
            for who in ANSWERING
            if town.person(who).call("GET", "/bookings?limit=1")
        ]
        assert leg["state"] == "approved" or any(each.ok for each in answers), leg["resource"]["name"]


def hand_over(page, chain: str, product: str) -> None:
    """Enter what was collected, write the note from the chain, sign on both sides on one phone."""
    page.goto(chain)
    page.get_by_role("link", name="Saisir un lot de cette filière").click()
    expect(page.locator("[name=amount]")).to_have_value("50")
    page.get_by_role("button", name="Saisir").last.click()
    expect(page.locator("h1")).to_contain_text(product)
    page.goto(chain)
    page.get_by_role("link", name="Écrire le bon de remise").click()
    page.locator("[name=to]").select_option(label="Les Glaneurs du Gesvre")
    page.locator("[name=temperature]").fill("7")
    page.locator("summary", has_text="Une distribution").click()
    page.locator("[name=is_food_aid]").uncheck()
    page.get_by_role("button", name="Écrire le bon").click()
    page.locator("#sign").get_by_role("button", name="Signer").click()
    page.locator("#receive [name=name]").fill("Rozenn")
    page.locator("#receive [name=is_received]").check()
    page.locator("#receive").get_by_role("button", name="Signer : reçu").click()
    expect(page.locator("main")).to_contain_text("Reçu par")
    expect(page.locator("main")).to_contain_text("Rozenn")
    assert page.request.get(f"{page.url.split('#')[0]}/bon.pdf").headers["content-type"] == "application/pdf"
