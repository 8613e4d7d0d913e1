"""Leaving: one's data in a file, one's account erased with a booking handed over, an organisation archived and back."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accounts import SECRET, confirm, link_in
from tests.browser.town import GROCERY, KITCHEN, sign_in


def newcomer(server, town, visitors, email: str, name: str, *, javascript: bool) -> Page:
    """Let somebody open an account and join the grocery, with a window of their own."""
    page: Page = visitors.new(javascript=javascript)
    page.goto(f"{server.url}/inscription")
    page.fill("[name=name]", name)
    page.fill("[name=email]", email)
    page.fill("[name=password]", SECRET)
    page.locator("form[action='/inscription'] button").click()
    page.goto(link_in(server.wait_for_letter(email).text, server.url, "/inscription/confirmer"))
    confirm(page)
    page.goto(f"{server.url}/structures/{GROCERY}")
    page.locator(f"form[action='/structures/{GROCERY}/demander'] button").click()
    admin = visitors.new(who=town.person("epicerie"))
    admin.goto(f"{server.url}/structures/{GROCERY}/membres")
    line = admin.locator("#requests > *").filter(has_text=name)
    line.locator("form[action$='/accepter'] button").click()
    expect(admin.locator("#requests")).not_to_contain_text(name)
    return page


def ask(page: Page, server, day: str) -> str:
    """Ask for the kitchen; give the reference of the booking."""
    page.goto(f"{server.url}/ressources/{KITCHEN}/demander?date={day}&de=09:00&a=12:00&quantite=1")
    page.fill("[name=purpose]", "Soupes du marché")
    page.locator("form[data-once] .submit-row button").click()
    page.wait_for_url("**/reservations/**")
    found = re.search(r"/reservations/(\w+)", page.url)
    assert found
    return found[1]


@pytest.mark.parametrize("javascript", [True, False])
def test_taking_ones_data_and_leaving(server, town, visitors, javascript):
    name = "Odile Marchais" if javascript else "Aline Marchais"
    email = f"{name.split(maxsplit=1)[0].lower()}.part@courriel.example"
    page = newcomer(server, town, visitors, email, name, javascript=javascript)
    ref = ask(page, server, town.free_day(KITCHEN).isoformat())

    page.goto(f"{server.url}/compte")
    with page.expect_download() as waiting:
        page.locator("a[href='/compte/mes-donnees']").click()
    told = json.loads(Path(waiting.value.path()).read_text())
    assert waiting.value.suggested_filename.startswith("mutualim-mes-donnees-")
    assert (told["account"]["email"], told["bookings"][0]["ref"]) == (email, ref)

    page.locator("a[href='/compte/supprimer']").click()
    expect(page.locator("main")).to_contain_text("Ce qui est effacé")
    expect(page.locator("main")).to_contain_text("1 réservation pour")
    page.fill("[name=present]", SECRET)
    page.locator("form[action='/compte/supprimer'] button[type=submit]").click()
    expect(
        page.locator("[aria-invalid=true]").first
    ).to_be_visible()  # nobody said what becomes of the booking
    page.locator("select[name^=heir_]").select_option(index=1)
    page.fill("[name=present]", SECRET)
    page.locator("form[action='/compte/supprimer'] button[type=submit]").click()
    page.wait_for_url("**/au-revoir")
    expect(page.locator("h1")).to_have_text("Votre compte est supprimé")
    server.wait_for_letter(email, subject="Votre compte est supprimé")
    page.goto(f"{server.url}/moi")
    assert "/connexion" in page.url

    manager = visitors.new(who=town.person("pole"))
    manager.goto(f"{server.url}/reservations/{ref}")
    expect(manager.locator("main")).to_contain_text("Compte supprimé")
    expect(manager.locator("main")).to_contain_text("Confiée à un autre membre de la structure")
    expect(manager.locator("main")).not_to_contain_text(name)


@pytest.mark.parametrize("javascript", [True, False])
def test_an_organisation_leaves_and_comes_back(server, town, visitors, javascript):
    name = "Association qui part" if javascript else "Association qui s’en va"
    page = visitors.new(javascript=javascript)
    sign_in(page, server.url, "coordination@demo.example")
    page.goto(f"{server.url}/structures/nouvelle")
    page.fill("[name=name]", name)
    page.select_option("[name=kind]", "association")
    page.check("[name=legal_nature][value=nonprofit]")
    page.locator("form[action='/structures/nouvelle'] button[type=submit]").click()
    page.wait_for_url("**/structures/association-qui-*")
    page.locator("a[href$='/archiver']").click()
    page.locator("form[action$='/archiver'] button[type=submit]").click()
    expect(page.locator("[name=reason][aria-invalid=true]")).to_be_visible()
    page.fill("[name=reason]", "Elle rejoint une autre structure.")
    page.locator("form[action$='/archiver'] button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("Cette structure ne participe plus")
    expect(page.locator("main")).to_contain_text("Elle rejoint une autre structure.")
    page.locator("form[action$='/reprendre'] button").click()
    expect(page.locator("a[href$='/archiver']")).to_be_visible()
