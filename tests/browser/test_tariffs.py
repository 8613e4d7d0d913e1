"""The form of a tariff while it is typed: what was mended is no longer said to be wrong."""

from playwright.sync_api import expect

from tests.browser.town import PREP


def test_what_is_mended_is_no_longer_said_to_be_wrong(server, town, visitors):
    page = visitors.new(who=town.person("pole"))
    page.goto(f"{server.url}/ressources/{PREP}/tarifs")
    price = page.locator("[name='lines.0.unit_cents']")
    price.fill("douze")
    page.get_by_role("button", name="Publier ce tarif").click()
    summary = page.locator("#tariff-form .summary")
    expect(summary).to_be_visible()
    expect(page.locator(".wrong").filter(has=price).locator(".error")).to_be_visible()
    price.fill("12")
    price.blur()
    expect(page.locator(".wrong").filter(has=price)).to_have_count(0)
    expect(summary).to_have_count(0)
    if page.locator("#f-vat_regime .error").count():
        page.locator("[name=vat_regime]").first.check()
        expect(page.locator("#f-vat_regime .error")).to_have_count(0)
    expect(page.locator("#examples table")).to_be_visible()
