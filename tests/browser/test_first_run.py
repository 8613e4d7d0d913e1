"""From an empty installation to a territory at work, with the code of the server's start."""

import re

import pytest
from playwright.sync_api import expect


@pytest.mark.journey
@pytest.mark.parametrize("javascript", [True, False])
def test_first_run(empty_server, visitors, javascript):
    url = empty_server.url
    code = empty_server.command("installation", "code").strip()
    page = visitors.new(javascript=javascript, width=390)
    page.goto(f"{url}/installation")
    page.fill("[name=code]", "AAAA-BBBB")
    page.locator("main form button").click()
    expect(page.locator("[name=code][aria-invalid=true]")).to_have_value("AAAA-BBBB")
    page.fill("[name=code]", code.lower())
    page.locator("main form button").click()

    expect(page.locator("h1")).to_have_text("Qui administre la plateforme")
    page.fill("[name=name]", "Alix Morel")
    page.fill("[name=email]", "alix@exemple.org")
    page.fill("[name=password]", "trois navets et une brouette")
    page.locator("main form button").click()

    expect(page.locator("h1")).to_have_text("Votre territoire")
    page.fill("[name=name]", "PAT de l'Erdre")
    page.fill("[name=places]", "Nozay")
    page.locator("label", has_text="Bleu mer").click()
    page.locator("main form button").click()
    expect(page.locator("#places-error")).to_contain_text("Nozay (44170)")
    expect(page.locator("[name=name]")).to_have_value("PAT de l'Erdre")
    page.fill("[name=places]", "Nozay (44170)\nErdre et Gesvres")
    page.locator("main form button").click()
    expect(page.locator("html")).to_have_attribute("data-hue", "sea")

    expect(page.locator("h1")).to_have_text("Ce que vous partagez")
    page.locator("main form a[href='/installation/territoire']").click()
    expect(page.locator("[name=places]")).to_have_value(re.compile("Erdre et Gesvres"))
    page.goto(f"{url}/installation/partage")
    page.uncheck("[value=vehicle]")
    page.locator("main form button").click()

    expect(page.locator("h1")).to_have_text("La démonstration")
    page.check("[value=yes]")
    page.locator("main form button").click(timeout=90_000)  # the whole demo is loaded meanwhile
    expect(page.locator("#first-steps")).to_be_visible(timeout=60_000)
    page.goto(f"{url}/installation/demonstration")
    page.locator("form[action$='/effacer'] button").click(timeout=90_000)
    expect(page.locator("#first-steps")).to_be_visible(timeout=60_000)
    page.goto(url)
    expect(page.locator(".place")).to_have_count(0)
    expect(page.locator("option[value=kitchen]")).to_have_count(1)
    expect(page.locator("option[value=vehicle]")).to_have_count(0)
    page.goto(f"{url}/pat/demandes")
    page.locator("form[action$='/ranger'] button").click()
    expect(page.locator("#first-steps")).to_have_count(0)

    stranger = visitors.new()
    answer = stranger.goto(f"{url}/installation")
    assert answer is not None
    assert answer.status == 404
