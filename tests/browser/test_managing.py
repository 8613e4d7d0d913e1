"""A manager at work in a browser: a new site, its hours, a kitchen with a photo, some days closed."""

import io
import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.town import GROCERY, PARIS

REASON = "Contrôle du gaz et de l’électricité"
NO_BAKER = "Plus de boulangère"


def write_photo(folder: Path) -> Path:
    """Make a photo as a telephone does: large, with the place in its hidden data."""
    path, image = folder / "four.jpg", Image.new("RGB", (1600, 1200), (180, 120, 60))
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (47.0, 26.0, 31.0)
    image.save(path, exif=exif)
    assert b"Exif" in path.read_bytes()
    return path


@pytest.mark.journey
def test_a_site_from_nothing_to_its_first_closure(server, town, visitors, tmp_path):
    page = visitors.new(who=town.person("grange"))
    page.goto(f"{server.url}/gerer")
    page.locator("a[href='/lieux/nouveau']").first.click()
    site = add_site(page)
    set_hours(page, server.url, site)
    kitchen = add_kitchen(page, server.url, site)
    add_photo(page, server.url, kitchen, write_photo(tmp_path))

    day = datetime.now(PARIS).date() + timedelta(days=30)
    visitor = visitors.new(width=390)
    visitor.goto(f"{server.url}/ressources?type=kitchen&q=fournil&date={day}&de=05:30&a=08:30")
    visitor.locator(f"#results a[href^='/ressources/{kitchen}']").first.click()
    expect(visitor.locator("#slot .verdict:not(.bad)")).to_be_visible()
    photo = visitor.locator("img[alt='Le four à deux étages']").first
    assert photo.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    with visitor.expect_request(re.compile(r"/photos/")) as got:
        visitor.reload()
    sent = visitor.request.get(got.value.url)
    assert "immutable" in sent.headers["cache-control"]
    assert not Image.open(io.BytesIO(sent.body())).getexif()

    ref = town.book(
        "benevole", kitchen, day, "06:00-10:00", organisation=GROCERY, purpose="Pain de la fête des voisins"
    )
    close_some_days(page, server.url, site, day, ref)
    told = server.wait_for_letter("benevole@demo.example", text=REASON)
    assert ref in told.text
    visitor.goto(f"{server.url}/ressources/{kitchen}?date={day}&de=12:00&a=15:00")
    expect(visitor.locator("#slot .verdict.bad")).to_contain_text(REASON)

    page.goto(f"{server.url}/lieux/{site}/fermetures")
    page.locator("form[action$='/lever'] button").click()
    expect(page.locator("form[action$='/lever']")).to_have_count(0)
    visitor.reload()
    expect(visitor.locator("#slot .verdict:not(.bad)")).to_be_visible()

    for javascript in (True, False):
        window = visitors.new(who=town.person("grange"), javascript=javascript, width=390)
        ref = town.book("benevole", kitchen, day, "06:00-10:00", organisation=GROCERY, purpose="Pain de midi")
        shorten_the_week(window, server.url, site, ref, keep=javascript)
        told = server.wait_for_letter("benevole@demo.example", text=f"{NO_BAKER} le matin {ref}")
        assert told.subject.startswith("Maintenu" if javascript else "Annulé")
        if javascript:
            shorten_the_week(window, server.url, site, "", hours="05:00-22:00")
            town.cancel("benevole", ref, "Plus besoin")


def add_site(page: Page) -> str:
    """Fill the form of a new site, the commune by its suggestions; give its name in addresses."""
    form = page.locator("main form[action='/lieux/nouveau']")
    form.locator("[name=name]").fill("Fournil du bourg")
    form.locator("[name=address]").fill("3 rue du Four")
    commune = form.locator("[name=commune]")
    commune.press_sequentially("Héri", delay=20)
    expect(form.locator("[role=option]").filter(has_text="Héric (44810)")).to_be_visible()
    for _option in range(8):
        commune.press("ArrowDown")
        if "Héric (44810)" in form.locator("[role=option][aria-selected=true]").inner_text():
            break
    commune.press("Enter")
    expect(commune).to_have_value("Héric (44810)")
    assert page.url.endswith("/lieux/nouveau")  # Enter took the suggestion, it did not send the form
    form.locator(".submit-row button").first.click()
    page.wait_for_url(re.compile(r"/lieux/fournil-du-bourg"))
    return page.url.partition("/lieux/")[2].partition("/")[0]


def set_hours(page: Page, url: str, site: str) -> None:
    """Write the week in the editor: a mistake is told at its day, a look saves nothing, then it is saved."""
    page.goto(f"{url}/lieux/{site}/horaires")
    for day in range(7):
        page.fill(f"[name=day{day}]", "05:00-22:00")
    page.fill("[name=day2]", "25:00-26:00")
    page.select_option("[name=public]", "open")
    save = page.locator("#hours-form .submit-row button:not([name])")
    save.click()
    expect(page.locator(".summary[role=alert]")).to_be_focused()
    expect(page.locator("[name=day2]")).to_have_value("25:00-26:00")
    page.fill("[name=day2]", "05:00-22:00")
    page.locator("button[name=look]").click()
    expect(page.locator("dl.hours dd").first).to_have_text("05:00–22:00")
    page.locator("#hours-form .submit-row button:not([name])").click()
    page.wait_for_url(re.compile(rf"/lieux/{site}/(gerer|horaires)"))
    page.goto(f"{url}/lieux/{site}/horaires")
    expect(page.locator("[name=day2]")).to_have_value("05:00-22:00")


def add_kitchen(page: Page, url: str, site: str) -> str:
    """Choose a kind and share a kitchen that says yes at once; give its name in addresses."""
    page.goto(f"{url}/lieux/{site}/gerer")
    page.locator(f"a[href='/lieux/{site}/ressources/nouvelle']").first.click()
    page.locator("a[href*='genre=kitchen']").click()
    form = page.locator("main form[method=post]")
    form.locator("[name=name]").fill("Cuisine du fournil")
    form.locator("[name=subtype]").select_option("bakery")
    form.locator("[name=approval][value=auto]").check()
    form.locator("input[name=min_minutes]").fill("0")
    form.locator(".submit-row button").first.click()
    expect(page.locator(".summary[role=alert]")).to_be_focused()
    form.locator("input[name=min_minutes]").fill("2")
    form.locator(".submit-row button").first.click()
    page.wait_for_url(re.compile(r"/ressources/cuisine-du-fournil"))
    return page.url.partition("/ressources/")[2].partition("/")[0]


def add_photo(page: Page, url: str, kitchen: str, photo: Path) -> None:
    """Add a photo: without words for those who do not see it, it is not even sent, and stays chosen."""
    page.goto(f"{url}/ressources/{kitchen}/photos")
    form = page.locator("form[enctype='multipart/form-data']")
    form.locator("[name=file]").set_input_files(photo)
    form.locator(".submit-row button").click()
    expect(form.locator("[name=alt]:invalid")).to_be_focused()
    form.locator("[name=alt]").fill("Le four à deux étages")
    form.locator(".submit-row button").click()
    expect(page.locator("main img[alt='Le four à deux étages']")).to_be_visible()


def close_some_days(page: Page, url: str, site: str, day: date, ref: str) -> None:
    """Close three days: the bookings in them are shown before anything is saved, then cancelled with the reason."""
    page.goto(f"{url}/lieux/{site}/fermetures")
    form = page.locator(f"form[action='/lieux/{site}/fermetures']")
    form.locator("[name=date]").fill((day - timedelta(days=1)).isoformat())
    form.locator("[name=fin]").fill((day + timedelta(days=1)).isoformat())
    form.locator("[name=reason]").fill(REASON)
    form.locator(".submit-row button").click()
    expect(page.locator(f"[role=alert] a[href='/reservations/{ref}']")).to_be_visible()
    expect(page.locator("form[action$='/lever']")).to_have_count(0)  # nothing is saved yet
    form.locator("button[name=confirm][value=cancel]").click()
    expect(page.locator("form[action$='/lever']")).to_have_count(1)
    page.goto(f"{url}/reservations/{ref}")
    expect(page.locator("#booking .state.dim")).to_be_visible()
    expect(page.locator("#booking")).to_contain_text(REASON)


def shorten_the_week(
    page: Page, url: str, site: str, ref: str, hours: str = "12:00-22:00", *, keep: bool = False
) -> None:
    """Save other hours for every day; where they hit a booking (`ref`), it is shown first, then kept or cancelled."""
    page.goto(f"{url}/lieux/{site}/horaires")
    for day in range(7):
        page.fill(f"[name=day{day}]", hours)
    page.locator("#hours-form .submit-row button:not([name])").click()
    if ref:
        expect(page.locator(f"[role=alert] a[href='/reservations/{ref}']")).to_be_visible()
        page.locator("[name=reason]").fill(f"{NO_BAKER} le matin {ref}")
        page.locator("[name=day0]").press("Enter")  # chooses nothing, whatever stands in the form
        expect(page.locator(f"[role=alert] a[href='/reservations/{ref}']")).to_be_visible()
        expect(page.locator("[name=reason]")).to_have_value(f"{NO_BAKER} le matin {ref}")
        page.locator(f"button[name=confirm][value={'keep' if keep else 'cancel'}]").click()
    page.wait_for_url(re.compile(rf"/lieux/{site}/gerer"))
    page.goto(f"{url}/lieux/{site}/horaires")
    expect(page.locator("[name=day2]")).to_have_value(hours)


def test_on_a_phone_the_current_tab_and_the_time_asked_for_are_in_sight(server, town, visitors):
    page = visitors.new(width=390, who=town.person("pole"))
    page.goto(f"{server.url}/lieux/pole-nourricier-de-l-erdre/photos")
    expect(page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=1)
    page.goto(f"{server.url}/a-traiter")
    folded = page.locator(".request").filter(has=page.locator(".timeline .mine")).first.locator(".around")
    if folded.get_attribute("open") is None:
        folded.locator("summary").click()
    folded.scroll_into_view_if_needed()
    expect(folded.locator(".timeline .mine")).to_be_in_viewport(ratio=0.5)
