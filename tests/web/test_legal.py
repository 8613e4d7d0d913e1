"""The pages every site owes its readers, and what programs look for at addresses of their own."""

import json
import re
from dataclasses import replace
from urllib.robotparser import RobotFileParser

import pytest
from flask_login.config import COOKIE_NAME

from app.accounts.rules import (
    ATTEMPT_LIFE,
    CONTACT_LIFE,
    IDLE_LIFE,
    IDLE_NOTICE,
    LOG_LIFE,
    SEEN_STEP,
    UNVERIFIED_LIFE,
)
from app.bookings.rules import DEAD_LINK_LIFE, TALK_LIFE
from app.infra.job_table import KEEP_DONE, KEEP_FAILED
from app.web.legal import missing_facts
from app.web.statement import SHIPPED, BadStatement, read_statement
from config import Config, ConfigError

FACTS = {
    "publisher": "Communauté de communes d'Essai, 1 rue du Test, 44000 Nantes",
    "publisher_contact": "bonjour@exemple.org",
    "publication_director": "Camille Martin",
    "hosting": "Hébergeur d'Essai, 2 rue du Test, 44000 Nantes",
    "security_contact": "securite@exemple.org",
    "source_url": "https://exemple.org/source",
}


def text_of(answer):
    """Give the page with plain apostrophes, and plain spaces where French wants unbreakable ones."""
    return answer.get_data(as_text=True).replace("&#39;", "'").replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def published(app, monkeypatch):
    """An installation whose operator has said who they are."""
    monkeypatch.setitem(app.config, "MUTUALIM", replace(app.config["MUTUALIM"], env="production", **FACTS))


@pytest.mark.parametrize(
    ("path", "french", "english"),
    [
        ("/accessibilite", "Déclaration d’accessibilité", "Accessibility statement"),
        ("/mentions-legales", "Mentions légales", "Legal notice"),
        ("/confidentialite", "Confidentialité", "Privacy"),
    ],
)
def test_each_page_is_there_in_both_languages(client, path, french, english):
    for language, heading in (("fr", french), ("en", english)):
        answer = client.get(path, headers={"Accept-Language": language})
        assert answer.status_code == 200
        assert f"<h1>{heading}</h1>" in text_of(answer)


def test_a_development_installation_says_what_is_missing(client):
    html = text_of(client.get("/mentions-legales"))
    assert all(name in html for name in ("PUBLISHER", "PUBLISHER_CONTACT", "PUBLICATION_DIRECTOR", "HOSTING"))
    assert html.count("Pas encore indiqué") == 3
    assert "demandez-le à l’éditeur" in html


def test_a_public_installation_names_its_publisher(client, published):
    html = text_of(client.get("/mentions-legales"))
    for fact in ("publisher", "publication_director", "hosting"):
        assert FACTS[fact] in html
    assert "mailto:bonjour@exemple.org" in html
    assert "Pas encore indiqué" not in html
    assert "PUBLISHER" not in html
    assert html.count('href="https://exemple.org/source"') == 2  # the page and its footer
    assert FACTS["publisher"] in text_of(client.get("/confidentialite"))
    assert "mailto:bonjour@exemple.org" in text_of(client.get("/accessibilite"))


def test_a_public_installation_does_not_show_names_of_settings(client, app, monkeypatch):
    monkeypatch.setitem(app.config, "MUTUALIM", replace(app.config["MUTUALIM"], env="production"))
    html = text_of(client.get("/mentions-legales"))
    assert "Pas encore indiqué" in html
    assert "PUBLISHER" not in html


def test_missing_facts(app):
    config = app.config["MUTUALIM"]
    assert missing_facts(replace(config, **FACTS)) == []
    assert missing_facts(replace(config, **{**FACTS, "hosting": ""})) == ["HOSTING"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLISHER_CONTACT", "bonjour"),
        ("PUBLISHER_CONTACT", "Nous <bonjour@exemple.org>"),
        ("SECURITY_CONTACT", "a@b\nContact: x@y"),
        ("SOURCE_URL", "exemple.org"),
        ("SOURCE_URL", "javascript:alert(1)"),
    ],
)
def test_settings_that_cannot_be_shown_are_refused(name, value):
    with pytest.raises(ConfigError) as refused:
        Config.from_env({"MUTUALIM_ENV": "testing", name: value})
    (only,) = refused.value.problems
    assert name in only


def test_the_contact_also_takes_reports_of_weaknesses():
    config = Config.from_env({"MUTUALIM_ENV": "testing", "PUBLISHER_CONTACT": "a@exemple.org"})
    assert config.security_contact == "a@exemple.org"


# -- the accessibility statement ------------------------------------------------------------------------------


def test_the_status_stands_in_every_footer(client):
    for path in ("/", "/connexion", "/accessibilite", "/nulle-part"):
        foot = text_of(client.get(path)).split("<footer")[1]
        assert '<a href="/accessibilite">Accessibilité : non conforme</a>' in foot


def test_the_statement_says_what_the_law_asks(client):
    html = text_of(client.get("/accessibilite"))
    for words in ("RGAA", "article 47", "axe-core", "lecteurs d’écran", "Défenseur des droits", "71120"):
        assert words in html


def test_nothing_better_than_none_is_claimed_without_an_audit(tmp_path):
    shipped = SHIPPED.read_text()
    better = shipped.replace('status = "none"', 'status = "partial"')
    (tmp_path / SHIPPED.name).write_text(better)
    with pytest.raises(BadStatement, match="audited_by"):
        read_statement(tmp_path)
    audit = 'status = "partial"\naudited_by = "Cabinet"\naudited_on = 2027-01-15\nrate = 87\n'
    (tmp_path / SHIPPED.name).write_text(shipped.replace('status = "none"', audit))
    assert read_statement(tmp_path).rate == 87


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('status = "none"', 'status = "perfect"'),
        ("stated_on = 2026-11-23", 'stated_on = "hier"'),
        ('en = "Home"', 'en = ""'),
        ('method = "RGAA 4.1.2"', ""),
        ('status = "none"', 'status = "none'),
        ('status = "none"', 'status = "none"\nunknown = 1'),
    ],
)
def test_a_statement_that_says_nonsense_is_refused(tmp_path, old, new):
    shipped = SHIPPED.read_text()
    assert old in shipped
    (tmp_path / SHIPPED.name).write_text(shipped.replace(old, new, 1))
    with pytest.raises(BadStatement, match=re.escape(str(tmp_path))):
        read_statement(tmp_path)


def test_an_audited_installation_shows_its_audit(client, app, monkeypatch, tmp_path):
    audit = 'status = "full"\naudited_by = "Cabinet d\'essai"\naudited_on = 2027-01-15\nrate = 100\n'
    (tmp_path / SHIPPED.name).write_text(SHIPPED.read_text().replace('status = "none"', audit))
    monkeypatch.setitem(app.extensions, "mutualim.accessibility", read_statement(tmp_path))
    html = text_of(client.get("/accessibilite"))
    assert "réalisé par Cabinet d'essai le vendredi 15 janvier 2027 révèle que 100 %" in html
    assert "Accessibilité : totalement conforme" in html


# -- privacy --------------------------------------------------------------------------------------------------


def test_the_periods_on_the_page_are_those_of_the_code(client):
    html = text_of(client.get("/confidentialite", headers={"Accept-Language": "en"}))
    assert f"Deleted by itself after {UNVERIFIED_LIFE.days} days." in html
    assert ATTEMPT_LIFE.total_seconds() == 24 * 3600
    assert "One day." in html
    assert (KEEP_DONE.days, KEEP_FAILED.days) == (3, 60)
    assert "Three days after they left; 60 days when they could not leave." in html
    assert ((IDLE_LIFE - SEEN_STEP).days, IDLE_NOTICE.days) == (3 * 365, 30)
    assert SEEN_STEP.days == 7
    assert "the week of your last visit" in html
    assert CONTACT_LIFE.days == 3 * 365
    assert "erased three years after it was archived." in html
    assert "After three years without a visit we write to you; thirty days later it is erased." in html
    assert TALK_LIFE.days == 3 * 365
    assert "Three years after the booking." in html
    assert LOG_LIFE.days == 365
    assert "Twelve months." in html
    assert DEAD_LINK_LIFE == UNVERIFIED_LIFE
    assert "30 days after they stop working." in html


def test_the_cookies_on_the_page_are_those_that_are_set(client):
    html = text_of(client.get("/confidentialite", headers={"Accept-Language": "en"}))
    assert set(re.findall(r"<code>(\w+)</code>", html)) == {
        "mutualim",
        COOKIE_NAME,
    }


# -- for programs ---------------------------------------------------------------------------------------------


def test_crawlers_stay_out_of_secrets(client):
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    rules = RobotFileParser()
    rules.parse(answer.get_data(as_text=True).splitlines())
    for path in (
        "/agendas/abc.ics",
        "/d/abc",
        "/compte",
        "/moi",
        "/invitation/abc",
        "/api/v1/resources",
        "/planning?vue=semaine",
    ):
        assert not rules.can_fetch("*", path), path
    for path in (
        "/",
        "/ressources",
        "/ressources/cuisine",
        "/lieux/pole",
        "/inscription",
        "/mentions-legales",
    ):
        assert rules.can_fetch("*", path), path


def test_weaknesses_have_an_address(client, published, frozen):
    answer = client.get("/.well-known/security.txt")
    assert answer.mimetype == "text/plain"
    lines = dict(line.split(": ", 1) for line in answer.get_data(as_text=True).splitlines())
    assert lines["Contact"] == "mailto:securite@exemple.org"
    assert lines["Expires"] == "2027-02-28T08:00:00Z"


def test_no_address_for_weaknesses_is_invented(client):
    assert client.get("/.well-known/security.txt").status_code == 404


def test_a_phone_can_keep_it_on_its_home_screen(client):
    answer = client.get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    guessed = client.get("/favicon.ico").headers["Location"]
    for icon in [*json.loads(answer.get_data())["icons"], {"src": guessed, "type": "image/png"}]:
        with client.get(icon["src"]) as picture:
            assert picture.mimetype == icon["type"]
    assert 'rel="manifest"' in text_of(client.get("/"))
