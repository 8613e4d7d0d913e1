"""A share that is lent and called back: who borrows, who owns it, and what the first then reads."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.town import PARIS

STORE = "reserve-seche"  # thirty shelves, twelve of the grocery and six of the town's social services, lent for a month
SENT = re.compile(r"/reservations/\w+$")


@pytest.mark.journey
@pytest.mark.parametrize("javascript", [True, False])
def test_a_share_is_borrowed_and_called_back(server, town, visitors, javascript):
    first = datetime.now(PARIS).date() + timedelta(days=24 if javascript else 27)  # as the server has it
    slot = f"date={first}&fin={first + timedelta(days=1)}"
    borrower = visitors.new(who=town.person("glaneur"), javascript=javascript, width=390)
    borrower.goto(f"{server.url}/ressources/{STORE}/demander?{slot}&quantite=20")
    expect(borrower.locator("#slot")).to_contain_text(
        "sur la part d’une autre structure, qui peut la rappeler"
    )
    borrower.select_option("form[data-once] [name=organisation]", label="Les Glaneurs du Gesvre")
    borrower.fill("[name=purpose]", "Bocaux vides")
    borrower.locator("form[data-once] .submit-row button").click()
    borrower.wait_for_url(SENT)
    expect(borrower.locator("#booking")).to_contain_text("sur la part d’une autre structure")

    owner = visitors.new(who=town.person("epicerie"), javascript=javascript)
    owner.goto(f"{server.url}/ressources/{STORE}?{slot}&quantite=12")
    owner.get_by_role("link", name="Demander et rappeler ma part").click()
    owner.wait_for_url("**/demander?**")
    expect(owner.locator("#slot")).to_contain_text("Votre part (12 étagères) est en partie prêtée")
    owner.fill("[name=purpose]", "Conserves de saison")
    owner.get_by_label("Rappeler ma part").check()
    owner.locator("form[data-once] .submit-row button").click()
    owner.wait_for_url(SENT)
    expect(owner.locator("#booking")).to_contain_text("rappelé auprès d’autres structures")

    borrower.reload()
    expect(borrower.locator("#booking")).to_contain_text("rendu (part rappelée)")
    expect(borrower.locator("#booking")).to_contain_text("Pour le quota d’une autre structure")
    expect(borrower.locator("#booking")).not_to_contain_text("Panier commun")
