"""A surplus taken on a phone finds its van and its kitchen, with JavaScript and without it: to the request and its cost."""

import re

import pytest
from playwright.sync_api import expect

CHAIN = re.compile(r"/filieres/[2-9A-Z]{8}$")


@pytest.mark.journey
@pytest.mark.parametrize("javascript", [True, False])
def test_from_a_surplus_to_its_chain(server, town, visitors, javascript):
    page = visitors.new(javascript=javascript, width=390, who=town.person("epicerie"))
    page.goto(f"{server.url}/surplus")
    page.get_by_role("link", name=re.compile("Pommes à couteau")).first.click()
    page.locator("#take [name=amount]").fill("60")
    page.locator("#take button[type=submit]").click()
    page.get_by_role("link", name="Organiser la filière").last.click()
    expect(page.locator("h1")).to_have_text("60 kg, Pommes à couteau")
    page.locator("summary", has_text="Modifier la recherche").click()
    page.locator("[name=kilos]").fill("50")
    page.get_by_role("button", name="Chercher des filières").click()
    expect(page.locator("h1")).to_have_text("50 kg, Pommes à couteau")
    expect(page.locator("main")).to_contain_text("Pourquoi pas d’autres")
    first = page.locator("article", has_text="Proposition 1")
    expect(first).to_contain_text("Collecte")
    first.get_by_role("link", name="Choisir celle-ci").click()
    expect(page.locator("h1")).to_have_text("Demander cette filière")
    page.locator("[name=purpose]").fill("")
    page.get_by_role("button", name="Envoyer la demande").last.click()
    expect(page.locator(".summary")).to_contain_text("Un point à corriger")
    page.locator("[name=purpose]").fill("Compotes du vendredi")
    if page.locator("[name=licence_years]").count():
        page.locator("[name=licence_years]").check()
    page.get_by_role("button", name="Envoyer la demande").last.click()
    page.wait_for_url(CHAIN)
    expect(page.locator("h1")).to_have_text("Compotes du vendredi")
    expect(page.locator("main")).to_contain_text("Part du surplus « Pommes à couteau »")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390 if javascript else True
    page.locator("a[href^='/surplus/']").first.click()
    expect(page.locator("main")).to_contain_text("Filière : Compotes du vendredi")
    expect(page.get_by_role("link", name="Organiser une autre filière").first).to_be_visible()
