"""What a chain costs, from its sharing to the last cent: three associations, the PAT's budget, a card and a transfer.

A van and a cargo bike of two owners went out together. Each piece is done by whoever does it in life, in a window of
their own; the one who pays by card is on a phone, the one who pays by transfer has no JavaScript.
"""

import os
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from config import ROOT
from tests.browser.town import GLEANERS, GROCERY, VAN, sign_in

BIKE = "velo-cargo-cuisine-mobile"
GRANGE, WAREHOUSE = "la-grange-aux-recettes", "entrepot-solidaire-du-don"
FUND = "caisse-commune-de-l-alimentation"
KEEPERS = {GROCERY: "epicerie", GLEANERS: "rozenn.caillaud", FUND: "lucie.bertin"}


@pytest.fixture
def driven(server) -> str:
    """Give the reference of a request for both, which are back, and of which nobody has entered the kilometres."""
    line = [sys.executable, "-m", "tests.browser.yesterday"]
    done = subprocess.run(
        line, cwd=ROOT, env=os.environ | server.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def test_three_associations_share_what_a_chain_costs(server, visitors, driven):
    shared = f"{server.url}/demandes/{driven}/couts"
    grocer = visitors.new(javascript=False)
    sign_in(grocer, server.url, "epicerie@demo.example")
    share(grocer, shared)

    phone = visitors.new(width=390, height=844)
    for name in (GLEANERS, FUND):
        page = phone if name == FUND else visitors.new()
        sign_in(page, server.url, f"{KEEPERS[name]}@demo.example")
        asked = server.wait_for_letter(f"{KEEPERS[name]}@demo.example", text=f"/demandes/{driven}/couts")
        assert asked
        page.goto(shared)
        page.get_by_role("button", name="Accepter ces parts").click()
        expect(page.locator("body")).to_contain_text("Accepté")

    warehouse, grange = visitors.new(), visitors.new()
    sign_in(warehouse, server.url, "entrepot@demo.example")
    sign_in(grange, server.url, "grange@demo.example")
    measure(warehouse, grocer, shared, VAN, "46")
    measure(grange, grocer, shared, BIKE, "20")

    # 46 km and 20 km at 0,50: 23,00 and 10,00; the PAT bears 40 %, and three share the rest of each
    grocer.goto(shared)
    for amount in ("33,00", "9,20", "4,00", "4,60", "2,00"):
        expect(grocer.locator("main")).to_contain_text(amount)

    be_paid_online(grange, server.url)
    pay_by_card(phone, server.url)
    pay_by_transfer(grocer, warehouse, server.url)
    server.command("payments", "check")  # fails where an invariant is broken


def share(page: Page, url: str) -> None:
    """Share the whole request in equal parts with two others."""
    page.goto(url)
    page.get_by_text("Choisir qui partage").click()
    form = page.locator("form[action*='/couts/partage']")
    form.locator("[name=key][value=equal]").check()
    for number, name in enumerate(("Les Glaneurs du Gesvre", "Caisse commune de l’alimentation")):
        form.locator(f"[name=who_{number}]").select_option(label=name)
    form.get_by_role("button", name="Enregistrer et inviter").click()
    expect(page.locator("body")).to_contain_text("Enregistré")


def measure(place: Page, asker: Page, shared: str, slug: str, km: str) -> None:
    """Enter the kilometres of one element, as its place."""
    asker.goto(shared)
    names = {VAN: "Fourgon isotherme", BIKE: "Vélo-cargo"}
    path = asker.locator("table a", has_text=names[slug]).get_attribute("href")
    place.goto(f"{shared.partition('/demandes')[0]}{path}")
    form = place.locator("form[action*='/couts/releve']")
    form.locator("[name=km]").fill(km)
    form.get_by_role("button", name="Enregistrer les relevés").click()
    expect(place.locator("body")).to_contain_text("Facturé")


def be_paid_online(page: Page, url: str) -> None:
    """Open an account at the played Stripe and answer its questions."""
    home = f"{url}/structures/{GRANGE}/paiement-en-ligne"
    page.goto(home)
    opening = page.get_by_role("button", name="Ouvrir un compte chez Stripe")
    if opening.count():
        opening.click()
    answer = page.get_by_role("button", name="Répondre à tout")
    for _turn in range(30):  # the account is opened by a job
        page.goto(f"{home}/continuer")
        if answer.count():
            break
        page.wait_for_timeout(500)
    answer.click()
    expect(page.locator("main")).to_contain_text("On peut vous payer en ligne")


def pay_by_card(page: Page, url: str) -> None:
    """Pay what is owed to the barn on the page that plays Stripe, from a phone."""
    page.goto(f"{url}/structures/{FUND}/comptes/avec/{GRANGE}/payer")
    page.get_by_role("button", name="en ligne").click()
    page.get_by_role("link", name="Payer").first.click()
    expect(page.locator("main")).to_contain_text("Stripe")
    page.get_by_role("button", name="Payer par carte").click()
    accounts = f"{url}/structures/{FUND}/comptes/avec/{GRANGE}"
    for _turn in range(40):
        page.goto(accounts)
        if "payé" in page.locator("main").inner_text():
            return
        page.wait_for_timeout(500)
    pytest.fail("what was paid by card is not in the accounts")


def pay_by_transfer(payer: Page, payee: Page, url: str) -> None:
    """Say that a transfer was sent; the payee notes it with what was said of it."""
    payer.goto(f"{url}/structures/{GROCERY}/comptes/avec/{WAREHOUSE}/payer")
    form = payer.locator("#sent")
    form.locator("[name=method]").select_option("transfer")
    form.locator("[name=reference]").fill("VIR 4711")
    form.locator("button[type=submit]").click()
    expect(payer.locator("main")).to_contain_text("rien n’est payé avant")
    payee.goto(f"{url}/structures/{WAREHOUSE}/comptes/avec/{GROCERY}")
    expect(payee.locator("main")).to_contain_text("VIR 4711")
    payee.locator("a[href*='annonce=']").first.click()
    payee.locator("form[action*='/recu'] button[type=submit]").click()
    expect(payee.locator("main")).to_contain_text("VIR 4711")
    payer.goto(f"{url}/structures/{GROCERY}/comptes/avec/{WAREHOUSE}")
    expect(payer.locator("main")).to_contain_text("payé")
