"""Coming in: an account and an organisation, a link instead of a password, a new password, another language."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.town import GROCERY, PREP, sign_in

SECRET = "quatre navets sous la pluie"


def link_in(letter_text: str, url: str, path: str) -> str:
    """Find the address of this path in an e-mail."""
    found = re.search(rf"{re.escape(url)}{path}/[\w-]+", letter_text)
    assert found, letter_text
    return found[0]


def confirm(page: Page) -> None:
    """Press the one button of the page behind a link in an e-mail: opening it alone does nothing."""
    page.locator("main form button").first.click()


def test_sign_up_and_join_an_organisation(server, town, visitors):
    email = "odile.marchais@courriel.example"
    page = visitors.new(width=390)
    page.goto(f"{server.url}/inscription")
    page.fill("[name=name]", "Odile Marchais")
    page.fill("[name=email]", email)
    page.fill("[name=password]", "court")
    page.locator("form[action='/inscription'] button").click()
    expect(page.locator("[name=password][aria-invalid=true]")).to_be_visible()
    expect(page.locator("[name=email]")).to_have_value(email)
    page.fill("[name=password]", SECRET)
    page.locator("form[action='/inscription'] button").click()
    page.wait_for_url("**/courriel-envoye/**")

    page.goto(link_in(server.wait_for_letter(email).text, server.url, "/inscription/confirmer"))
    confirm(page)
    expect(page.locator("summary .avatar")).to_have_text("O")
    page.goto(f"{server.url}/structures")
    page.fill("[role=search] input", "panier")
    page.locator("[role=search] button").click()
    page.locator(f"#main a[href='/structures/{GROCERY}']").click()
    page.fill("[name=message]", "Je viens le mardi à la distribution.")
    page.locator(f"form[action='/structures/{GROCERY}/demander'] button").click()
    expect(page.locator("form[action$='/retirer']")).to_be_visible()

    letter = server.wait_for_letter("epicerie@demo.example", text="Odile Marchais")
    admin = visitors.new(who=town.person("epicerie"))
    found = re.search(rf"{server.url}/\S+", letter.text)
    assert found
    admin.goto(found[0])
    assert f"/structures/{GROCERY}/membres" in admin.url
    line = admin.locator("#requests > *").filter(has_text="Odile Marchais")
    line.locator("form[action$='/accepter'] button").click()
    expect(admin.locator("#requests")).not_to_contain_text("Odile Marchais")
    server.wait_for_letter(email, text="Le Panier commun")
    page.goto(f"{server.url}/ressources/{PREP}/demander")
    expect(page.locator("[name=organisation]")).to_contain_text("Le Panier commun")


def test_a_link_signs_in_once(server, visitors):
    page = visitors.new()
    page.goto(f"{server.url}/connexion/lien?next=/compte")
    page.fill("[name=email]", "producteur@demo.example")
    page.locator("form[action='/connexion/lien'] button").click()
    page.wait_for_url("**/courriel-envoye/**")
    letter = server.wait_for_letter("producteur@demo.example", text="/connexion/lien/")
    link = link_in(letter.text, server.url, "/connexion/lien")
    page.goto(link)
    expect(page.locator("summary .avatar")).to_have_count(0)  # looking is not signing in
    confirm(page)
    expect(page.locator("summary .avatar")).to_have_text("B")
    stranger = visitors.new()
    answer = stranger.goto(link)
    assert answer is not None
    assert answer.status in (404, 410)
    expect(stranger.locator("h1")).to_be_visible()


def test_a_new_password_ends_the_old_one(server, visitors):
    email, page = "claire.vasseur@demo.example", visitors.new()  # nobody else in these journeys
    other = visitors.new()
    sign_in(other, server.url, email)
    page.goto(f"{server.url}/connexion")
    page.locator("a[href*='/mot-de-passe/oublie']").click()
    page.fill("[name=email]", email)
    page.locator("form[action='/mot-de-passe/oublie'] button").click()
    letter = server.wait_for_letter(email, text="/mot-de-passe/nouveau/")
    page.goto(link_in(letter.text, server.url, "/mot-de-passe/nouveau"))
    page.fill("[name=password]", SECRET)
    page.locator("form[action^='/mot-de-passe/nouveau/'] button").click()
    expect(page.locator("summary .avatar")).to_have_text("C")
    other.goto(f"{server.url}/moi")
    assert "/connexion" in other.url  # every other device is signed out

    other.goto(f"{server.url}/connexion")
    other.fill("[name=email]", email)
    other.fill("[name=password]", "demo-potimarron")
    other.locator("form[action='/connexion'] button[type=submit]").click()
    expect(other.locator("[role=alert]")).to_be_visible()
    expect(other.locator("[name=email]")).to_have_value(email)
    sign_in(other, server.url, email, SECRET)


@pytest.mark.parametrize("javascript", [True, False])
def test_the_language_can_be_switched(server, visitors, javascript):
    page = visitors.new(javascript=javascript)
    page.goto(f"{server.url}/ressources/{PREP}")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.locator("#week")).to_contain_text("Quand est-ce libre")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url == f"{server.url}/ressources/{PREP}"
    expect(page.locator("#week")).to_contain_text("When it is free")
    page.goto(f"{server.url}/connexion")
    expect(page.locator("h1")).to_have_text("Sign in")
    page.get_by_role("button", name="Français").click()
    expect(page.locator("h1")).to_have_text("Se connecter")


def test_english_browsers_get_english(server, visitors):
    page = visitors.new(locale="en-GB")
    page.goto(f"{server.url}/ressources")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("h1")).to_have_text("Find a place or a tool")
