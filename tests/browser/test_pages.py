"""Every main screen, for who sees it: it fits a phone, with large text too, reads in the dark, is in French, stays light."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Page, Response, expect

from config import ROOT
from tests.browser.test_two_step import FIRST as HALF_AGREED
from tests.browser.town import GLEANERS, GROCERY, KITCHEN, PREP, Town

SITE = "pole-nourricier-de-l-erdre"
STORE = "chambre-froide-positive-a"
SHARED = "reserve-seche"  # with quotas
ONIONS = "1,2 tonne d’oignons : collecte, stock et épluchage"  # a chain of the demo, on hold
PEELING, LUNCHES = (
    "Épluchage des légumes glanés, chaque semaine",
    "Repas partagé du jeudi",
)  # series of the demo
WIDTHS = (320, 390, 1280)
# What one page may weigh, sent (kB), and how large it may be.
HTML_KB, CSS_KB, JS_KB, REQUESTS, NODES = 15, 8, 22, 8, 1500
OWN_CSS_KB = 1.5  # the stylesheet that a page has beside that of all

VISITOR = (
    "/",
    "/ressources",
    "/ressources?type=kitchen&date={day}&de=09:00&a=12:00",
    "/ressources?vue=carte",
    "/ressources?q=introuvable&type=land&date={day}",
    "/planning?date={day}",
    "/planning?date={day}&vue=semaine",
    "/planning?type=land&lieu=nulle-part",
    f"/ressources/{KITCHEN}",
    f"/ressources/{PREP}?date={{day}}&de=05:00&a=07:00",
    f"/ressources/{STORE}",
    f"/ressources/{PREP}/demander?date={{day}}&de=09:00&a=13:00",
    f"/lieux/{SITE}",
    "/structures",
    f"/structures/{GLEANERS}",
    "/connexion",
    "/connexion/lien",
    "/inscription",
    "/mot-de-passe/oublie",
    "/courriel-envoye/inscription",
    f"/ressources/{PREP}/affiche",
    "/d/{token}",
    "/d/{token}/proposer",
    "/accessibilite",
    "/mentions-legales",
    "/confidentialite",
    "/au-revoir",
    "/api/v1/docs",
    "/nulle-part",
)
MEMBER = (
    "/moi",
    "/planning?date={day}",
    "/ressources",
    f"/ressources/{KITCHEN}/demander?date={{day}}&de=09:00&a=12:00&quantite=2",
    f"/ressources/{STORE}/demander?date={{day}}&fin={{day}}&quantite=900",
    f"/demander?ressource={KITCHEN}&date={{day}}&de=14:00&a=17:00",
    "/demandes/{bundle}",
    "/reservations/{ref}",
    "/reservations/{ref}/modifier",
    "/series/{lunches}",
    f"/ressources/{PREP}/attendre?date={{taken}}&de=09:00&a=12:00",
    "/attente/{waiting}",
    "/compte",
    "/compte/supprimer",
    "/compte/jetons",
    "/compte/agendas",
    "/agendas/abonnement?scope=person",
    "/structures",
    f"/structures/{GROCERY}",
    f"/structures/{GROCERY}/alertes-surplus",
    "/structures/nouvelle",
    "/a-traiter",
    "/surplus",
    "/surplus?categorie=fish",
    "/surplus/proposer",
    "/surplus/{surplus}",
    "/glanages",
    "/glanages/proposer",
    "/glanages/{gleaning}",
    "/achats-groupes",
    "/achats-groupes/proposer",
    "/achats-groupes/{purchase}",
    "/filieres/preparer",
    "/filieres/preparer?produit=Courgettes&kilos=40&commune=Nort-sur-Erdre%20(44390)&date={day}&fin={day}",
    "/besoins",
    "/besoins/proposer",
    "/besoins/{need}",
    "/lots",
    "/lots/nouveau",
    "/lots/{lot}",
    "/lots/{lot}/rappel",
    "/remises/{note}",
    f"/structures/{GROCERY}/controle",
)
MANAGER = (
    "/compte/supprimer",
    "/a-traiter",
    "/a-traiter/{ref}",
    "/demandes/{bundle}",
    "/planning?date={day}",
    "/planning?date={day}&vue=semaine",
    "/reservations/{ref}",
    "/reservations/{ref}/proposer",
    "/series/{peeling}",
    "/gerer",
    f"/lieux/{SITE}/gerer",
    f"/lieux/{SITE}/modifier",
    f"/lieux/{SITE}/horaires",
    f"/lieux/{SITE}/fermetures",
    f"/lieux/{SITE}/photos",
    f"/lieux/{SITE}/delegations",
    f"/lieux/{SITE}/archiver",
    f"/lieux/{SITE}/ressources/nouvelle",
    f"/lieux/{SITE}/ressources/nouvelle?genre=kitchen",
    f"/ressources/{KITCHEN}/modifier",
    f"/ressources/{KITCHEN}/composition",
    f"/ressources/{KITCHEN}/unites",
    f"/ressources/{KITCHEN}/photos",
    f"/ressources/{KITCHEN}/horaires",
    f"/ressources/{KITCHEN}/archiver",
    f"/ressources/{KITCHEN}/quotas",
    f"/ressources/{SHARED}/quotas",
    f"/ressources/{KITCHEN}/tarifs",
    f"/ressources/{SHARED}",
    f"/ressources/{STORE}",
    f"/ressources/{STORE}/releves",
    f"/agendas/abonnement?scope=resource&id={{{KITCHEN}}}",
)
COORDINATOR = (
    f"/structures/{GROCERY}/habilitation",
    "/besoins/manques",
    "/lots",
    "/filieres",
    "/filieres/{chain}",
    "/filieres/{chain}/couts",
    "/pat",
    "/pat/demandes",
    "/pat/roles",
    f"/structures/{GROCERY}/membres",
    f"/structures/{GROCERY}/modifier",
    f"/structures/{GROCERY}/archiver",
    "/compte/supprimer",
    "/lieux/nouveau",
    "/gerer",
    "/moi",
)
WHO_OFFERS = (
    "/surplus/{surplus}",
    "/surplus/{surplus}/modifier",
    "/glanages/{gleaning}",
    "/glanages/{gleaning}/modifier",
)
TWO_AGREE = ("/a-traiter", "/reservations/{half}")
SCREENS = [
    *(("visitor", "", path) for path in VISITOR),
    *(("member", "benevole", path) for path in MEMBER),
    *(("manager", "pole", path) for path in MANAGER),
    *(("coordinator", "coordination", path) for path in COORDINATOR),
    *(("who offers", "producteur", path) for path in WHO_OFFERS),
    *(("who agreed", "cantine", path) for path in TWO_AGREE),
    *(("who has yet to agree", "elue", path) for path in TWO_AGREE),
    ("borrower", "glaneur", f"/ressources/{SHARED}/demander?date={{day}}&fin={{day}}&quantite=20"),
    ("quota owner", "epicerie", f"/ressources/{SHARED}?date={{day}}&fin={{day}}&quantite=12"),
]

FACTS = """() => ({
  lang: document.documentElement.lang,
  h1: document.querySelectorAll("h1").length,
  title: document.title,
  nodes: document.querySelectorAll("*").length,
})"""
LAZY = """() => {
  const [lazy, eager] = [true, false].map(wanted => new Set(
    [...document.images].filter(image => (image.loading === "lazy") === wanted).map(image => image.currentSrc)));
  return [...lazy].filter(address => !eager.has(address));
}"""
OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const own = ".scroll, .tabs ul, .tabbar ul";  // what scrolls inside itself
  const kept = e => e.closest(`${own}, .vh`) && !e.matches(own);
  const out = [...document.querySelectorAll("body *")]
    .filter(e => !kept(e) && e.getBoundingClientRect().right > width + 1)
    .slice(0, 5).map(e => e.outerHTML.replace(/\\s+/g, " ").slice(0, 100));
  return out.length ? out : [`${document.documentElement.scrollWidth - width} px too wide`];
}"""
UNFOLD = """() => document.querySelectorAll(".fold, .pop").forEach(details => (details.open = true))"""
TEXTS = """() => {
  const said = new Set(), add = t => { t = (t || "").replace(/\\s+/g, " ").trim(); if (t) said.add(t); };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement;
    if (!parent.closest("script, style, noscript, [lang=en]")) add(walk.currentNode.data);
  }
  for (const e of document.querySelectorAll("[aria-label], [placeholder], [title], [alt]"))
    for (const name of ["aria-label", "placeholder", "title", "alt"]) add(e.getAttribute(name));
  add(document.title.split(" · ")[0]);
  return [...said];
}"""
# Text and the first background below it that is not see-through; pictures and gradients are left to the eye.
CONTRASTS = """() => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = colour => {
    pen.clearRect(0, 0, 1, 1); pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
    return pen.getImageData(0, 0, 1, 1).data;
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = e => {
    for (; e; e = e.parentElement) {
      const style = getComputedStyle(e);
      if (style.backgroundImage !== "none" || +style.opacity < 1) return null;
      const colour = rgba(style.backgroundColor);
      if (colour[3] === 255) return colour;
      if (colour[3] > 0) return null;
    }
    return null;
  };
  const wrong = new Map();
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own || e.closest(".vh, svg, option, :disabled, [aria-disabled=true]") || !e.checkVisibility()) continue;
    const style = getComputedStyle(e), under = ground(e), over = rgba(style.color);
    if (!under || over[3] < 255) continue;
    const [a, b] = [light(over), light(under)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700) ? 3 : 4.5;
    if (ratio < least - 0.01)
      wrong.set(e.tagName + "." + e.className, `${e.textContent.trim().slice(0, 40)} (${ratio.toFixed(2)})`);
  }
  return [...wrong].map(pair => pair.join(": "));
}"""


@dataclass(frozen=True)
class English:
    """The sentences of the catalogue in English, as they would stand in a French page by mistake."""

    plain: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]

    def found_in(self, texts: list[str]) -> list[str]:
        """List the texts that are English sentences of ours with a different French."""
        return [
            text
            for text in texts
            if text in self.plain or any(pattern.fullmatch(text) for pattern in self.patterns)
        ]


@lru_cache(maxsize=1)
def english() -> English:
    """Read what has a French form of its own; words that are French as well say nothing."""
    with Path(ROOT, "translations/fr/LC_MESSAGES/messages.po").open("rb") as file:
        messages = [message for message in read_po(file, locale="fr") if message.id]
    pairs = [pair for message in messages for pair in _pairs(message.id, message.string or "")]
    french = {" ".join(said.split()) for _meant, said in pairs}
    own = {" ".join(meant.split()) for meant, said in pairs if meant != said} - french
    patterns = [_pattern(meant) for meant in own if "%(" in meant]
    return English(
        frozenset(meant for meant in own if "%(" not in meant),
        tuple(pattern for pattern in patterns if pattern is not None),
    )


def _pairs(
    meant: str | tuple[str, ...] | list[str], said: str | tuple[str, ...] | list[str]
) -> Iterator[tuple[str, str]]:
    if isinstance(meant, str):
        yield meant, str(said)
    else:
        forms = list(said) or [""]
        for number, form in enumerate(meant):
            yield form, forms[min(number, len(forms) - 1)]


def _pattern(sentence: str) -> re.Pattern[str] | None:
    """Write a sentence with places as a pattern; one with hardly a word of its own would match anything."""
    pieces = re.split(r"%\(\w+\)[sd]", sentence)
    if len(re.findall(r"[A-Za-z]{3,}", " ".join(pieces))) < 2:
        return None
    return re.compile(".+".join(re.escape(piece.replace("%%", "%")) for piece in pieces))


class Weight:
    """Counts what a page takes from the network, as if it were the first one.

    Pictures that wait until somebody comes near them (`loading=lazy`) do not hold a page up and are not counted.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.answers: list[Response] = []
        page.on("response", lambda answer: self.answers.append(answer))  # noqa: PLW0108  # playwright marks what it calls
        page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})

    def over(self) -> list[str]:
        """List the budgets that are not kept."""
        answers = list(self.answers)
        sizes = {"document": 0, "stylesheet": 0, "script": 0}
        for answer in answers:
            kind = answer.request.resource_type
            if kind in sizes:
                sizes[kind] += answer.request.sizes()["responseBodySize"]
        sheets = sum(answer.request.resource_type == "stylesheet" for answer in answers)
        css = CSS_KB + OWN_CSS_KB * (sheets - 1)
        most = {"document": HTML_KB, "stylesheet": css, "script": JS_KB}
        told = [f"{kind} {size / 1024:.1f} kB" for kind, size in sizes.items() if size > most[kind] * 1024]
        later = set(self.page.evaluate(LAZY))
        names = [answer.url.rpartition("/")[2] for answer in answers if answer.url not in later]
        return told + ([f"{len(names)} requests: {names}"] if len(names) > REQUESTS else [])


def overflow_of_large_text(page: Page) -> list[str]:
    """List what leaves the page of somebody who doubled the size of text, with all that folds open.

    In the settings of the browser, by which media queries count as well; then on the root alone, by which they do not.
    """
    page.evaluate(UNFOLD)
    settings = page.context.new_cdp_session(page)
    settings.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    told = page.evaluate(OVERFLOW)
    settings.send("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    return [*told, *page.evaluate(OVERFLOW)]


@pytest.fixture(scope="module")
def facts(server, town) -> dict[str, str]:
    """What addresses need: days, the resource's identifier, and the references of what is asked for, or staged."""
    day, taken = town.free_day(KITCHEN), town.free_day(PREP)
    purpose = "Essai de toutes les pages"
    ref = town.book(
        "benevole", KITCHEN, day, "09:00-12:00", organisation=GROCERY, quantity=2, purpose=purpose
    )
    kitchen = town.person("pole").call("GET", f"/resources/{KITCHEN}")["id"]
    bundle = town.bundle(
        "benevole", [KITCHEN, PREP], town.free_day(PREP), "09:00-12:00", organisation=GROCERY
    )
    refused = f"/bookings/{bundle['legs'][1]['ref']}/refuse"
    town.person("pole").call("POST", refused, reason="La machine est en panne.")
    town.approve("pole", town.book("glaneur", PREP, taken, "09:00-12:00", organisation=GLEANERS))
    link = re.search(r"/d/([\w-]+)", server.wait_for_letter("pole@demo.example", text=purpose).text)
    assert link
    return {
        "day": day.isoformat(),
        "taken": taken.isoformat(),
        "ref": ref,
        "token": link[1],
        "waiting": town.wait_in_line("benevole", PREP, taken, "09:00-12:00", purpose),
        "bundle": bundle["ref"],
        "chain": staged(town, "producteur", ONIONS)["bundle"]["ref"],
        "peeling": staged(town, "pole", PEELING)["series"]["ref"],
        "lunches": staged(town, "epicerie", LUNCHES)["series"]["ref"],
        "surplus": town.person("benevole").call("GET", "/surplus?category=vegetables")["items"][0]["ref"],
        "gleaning": town.person("benevole").call("GET", "/gleanings")["items"][0]["ref"],
        "need": town.person("benevole").call("GET", "/needs")["items"][0]["ref"],
        "lot": town.person("benevole").call("GET", "/lots")["items"][0]["ref"],
        "note": town.person("benevole").call("GET", "/handovers")["items"][0]["ref"],
        "purchase": town.person("benevole").call("GET", "/purchases")["items"][0]["ref"],
        "half": staged(town, "elue", HALF_AGREED)["ref"],
        KITCHEN: kitchen,
    }


def staged(town: Town, who: str, purpose: str) -> Any:
    """Find a booking that the demo has, by what it is for, as somebody who has to do with it reads it."""
    scope = "mine" if who in ("epicerie", "producteur") else "sites"
    found = town.person(who).call("GET", f"/bookings?scope={scope}&limit=100")["items"]
    return next(each for each in found if each["purpose"] == purpose)


@pytest.mark.parametrize(
    ("role", "who", "path"), SCREENS, ids=[f"{role} {path}" for role, _who, path in SCREENS]
)
def test_screen(server, town, visitors, facts, role, who, path):
    page = visitors.new(width=390, height=844, who=town.person(who) if who else None)
    weight = Weight(page)
    for name, value in facts.items():
        path = path.replace(f"{{{name}}}", value)
    answer = page.goto(server.url + path)
    assert answer is not None
    assert answer.status in (
        (404,) if path == "/nulle-part" else (403,) if path == "/a-traiter" and role == "member" else (200,)
    )
    wrong = faults(page, weight)
    assert not wrong, "\n".join(wrong)


def test_the_dates_of_a_series_before_it_is_sent(server, town, visitors):
    first, second = town.free_weeks(PREP, 2)
    town.book("glaneur", PREP, second, "09:00-12:00", organisation=GLEANERS)
    page = visitors.new(width=390, height=844, who=town.person("benevole"))
    page.goto(f"{server.url}/ressources/{PREP}/demander?date={first}&de=09:00&a=12:00")
    page.fill("[name=purpose]", "Soupes en série")
    page.locator("summary", has_text="Répéter").click()
    page.select_option("[name=repete]", "weekly")
    page.fill("[name=jusqu_au]", second.isoformat())
    weight = Weight(page)
    page.locator("form[data-once] .submit-row button").click()
    expect(page.locator("h1")).to_have_text("Les dates de votre série")
    wrong = faults(page, weight)
    assert not wrong, "\n".join(wrong)


def test_the_screens_of_an_installation(empty_server, visitors):
    url = empty_server.url
    code = empty_server.command("installation", "code").strip()
    page = visitors.new(width=390, height=844)
    typed = {
        "/installation": {"code": code},
        "/installation/administrateur": {
            "name": "Alix Morel",
            "email": "alix@exemple.org",
            "password": "trois navets et une brouette",
        },
        "/installation/territoire": {"name": "PAT de l’Erdre", "places": "Nozay (44170)"},
        "/installation/partage": {},
        "/installation/demonstration": {},
    }
    wrong = []
    for path, fields in typed.items():
        weight = Weight(page)
        page.goto(url + path)
        assert page.url == url + path
        wrong += [f"{path}: {told}" for told in faults(page, weight)]
        for name, value in fields.items():
            page.fill(f"[name={name}]", value)
        page.locator("main form button").last.click()
        page.wait_for_url(lambda now, path=path: now != url + path)
    weight = Weight(page)
    page.goto(f"{url}/pat/demandes")
    expect(page.locator("#first-steps")).to_be_visible()
    wrong += [f"first steps: {told}" for told in faults(page, weight)]
    assert not wrong, "\n".join(wrong)


def faults(page: Page, weight: Weight) -> list[str]:
    """List all that is wrong with the page just opened, at every width, in the light and in the dark."""
    wrong = [f"over budget: {told}" for told in weight.over()]
    seen = page.evaluate(FACTS)
    if seen["lang"] != "fr":
        wrong.append(f"lang is {seen['lang']!r}")
    if seen["h1"] != 1:
        wrong.append(f"{seen['h1']} h1")
    if not seen["title"].endswith(" · Mutualim"):
        wrong.append(f"title {seen['title']!r}")
    if seen["nodes"] > NODES:
        wrong.append(f"{seen['nodes']} elements")
    wrong += [f"English: {text}" for text in english().found_in(page.evaluate(TEXTS))]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        wrong += [f"wider than {width} px: {piece}" for piece in page.evaluate(OVERFLOW)]
        if width > WIDTHS[0]:
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                wrong += [f"contrast, {scheme} at {width} px: {told}" for told in page.evaluate(CONTRASTS)]
    page.set_viewport_size({"width": 390, "height": 844})
    wrong += [f"wider than 390 px with text at 200 %: {piece}" for piece in overflow_of_large_text(page)]
    return wrong
