"""The address of a refused form leads to its page when it is opened by itself, on every route that only takes forms."""

from collections.abc import Mapping

import pytest
from werkzeug.routing import Rule

pytestmark = pytest.mark.usefixtures("session")
ALONE = {
    "/agir-pour", "/deconnexion", "/langue", "/stripe/webhook", "/agendas/liens/<public_id>/reinitialiser",
    "/agendas/liens/<public_id>/revoquer", "/photos/<public_id>/decrire", "/photos/<public_id>/deplacer",
    "/photos/<public_id>/retirer",
}  # fmt: skip  # sent from several pages, or from none


def _forms(app) -> tuple[dict[str, Rule], set[str]]:
    """Give the rules that only take forms, and those that are pages."""
    rules = [rule for rule in app.url_map.iter_rules() if not rule.rule.startswith("/api/")]
    pages = {rule.rule for rule in rules if "GET" in (rule.methods or ())}
    return {rule.rule: rule for rule in rules if rule.rule not in pages}, pages


def _above(rule: str, pages: set[str]) -> str | None:
    while rule := rule.rpartition("/")[0]:
        if rule in pages:
            return rule
    return None


def _filled(rule: str, values: Mapping[str, object]) -> str:
    for name, value in values.items():
        rule = rule.replace(f"<{name}>", str(value)).replace(f"<int:{name}>", str(value))
    return rule


def test_each_leads_to_the_page_above_it_or_says_that_there_is_none(app, client):
    forms, pages = _forms(app)
    alone = set()
    for rule, found in forms.items():
        values = dict.fromkeys(found.arguments, 7)
        answer = client.get(_filled(rule, values))
        above = _above(rule, pages)
        if above is None:
            alone.add(rule)
            assert answer.status_code == 405, rule
        else:
            assert (answer.status_code, answer.location) == (303, _filled(above, values)), rule
    assert alone == ALONE
    assert len(forms) > 100


def test_programs_and_pieces_of_pages_are_told_as_before(client):
    assert client.get("/api/v1/bookings/X/approve").status_code == 405
    assert client.get("/surplus/X/reserver", headers={"HX-Request": "true"}).status_code == 405
    assert client.put("/surplus/X/reserver").status_code == 405


@pytest.mark.parametrize(
    ("address", "to"),
    [
        ("/surplus/a%3Fb%0d%0aX:%20y/reserver", "/surplus/a%3Fb%0D%0AX%3A%20y"),
        ("/surplus/X/reserver?next=https://ailleurs.example", "/surplus/X"),
        ("/surplus/https:%2F%2Failleurs.example/reserver", None),
    ],
)
def test_nobody_is_sent_elsewhere(client, address, to):
    answer = client.get(address)
    assert (answer.status_code, answer.location) == ((404, None) if to is None else (303, to))


def test_an_address_with_the_name_of_another_site_stays_here(client):
    raw = client.get("/", environ_overrides={"PATH_INFO": "//ailleurs.example/surplus/X/reserver"})
    assert raw.status_code in (308, 404)
    assert not raw.headers.get("Location", "/").removeprefix("http://localhost").startswith("//")
