"""A page after an htmx swap is the page after a reload, wherever a view offers a piece of its page."""

from typing import Any

import pytest
from flask import Flask

from tests.helpers import HTMX, assert_same_pieces, parse
from tests.house.neighbourhood import ROLES, Neighbourhood, rules

FREE = "date=2026-10-08&de=09:00&a=12:00"
TAKEN = "date=2026-10-06&de=09:00&a=12:00&quantite=4"
EARLY = "date=2026-10-08&de=05:00&a=06:00"
GONE = "date=2027-03-28&de=02:30&a=04:00"
# Who looks at which address, and the id of the element that the piece goes into ("" where it brings its own).
SEEN: tuple[tuple[str, str, str], ...] = (
    *(
        ("visitor", f"/ressources?{query}", "results")
        for query in (
            "",
            "type=kitchen",
            "q=cuisine",
            "q=zzz",
            "vue=carte",
            FREE,
            GONE,
            "lieu=nulle-part",
            "quantite=-1",
        )
    ),
    *((role, "/ressources?lieu=Nort-sur-Erdre&km=5", "results") for role in ROLES),
    *(
        ("visitor", "{resource}" + query, "semaine")
        for query in ("", "?semaine=2026-W41", "?semaine=2026-W99")
    ),
    *((role, "{resource}?semaine=2026-W41", "semaine") for role in ("member", "manager")),
    *(("visitor", "{resource}/creneau?" + query, "slot") for query in ("", FREE, TAKEN, EARLY, GONE)),
    *(("member", "{resource}/creneau?" + query, "slot") for query in (FREE, TAKEN)),
    *(("member", "{resource}/demander?" + query, "slot") for query in ("", FREE, TAKEN, EARLY, GONE)),
    *(("member", "{booking}/modifier?" + query, "slot") for query in ("", FREE, TAKEN, EARLY)),
    *(("manager", "{booking}/proposer?" + query, "slot") for query in ("", FREE, TAKEN, EARLY)),
    *(("visitor", "{decision}/proposer?" + query, "slot") for query in ("", FREE)),
    *((role, "{booking}", "booking") for role in ("member", "manager", "coordinator")),
    *((role, "/a-traiter", "inbox") for role in ("manager", "member")),
    *((role, "/pat/demandes", "admissions") for role in ("coordinator", "admin")),
    *(("member", f"/structures{query}", "directory") for query in ("", "?q=glan", "?q=zzz", "?page=9")),
    ("member", "{organisation}/membres", "requests"),
    *((role, "{calendar}", "calendar-links") for role in ("member", "manager")),
    ("manager", "{resource}/tarifs", "examples"),
    ("member", "{organisation}/comptes/documents/lots/{run}", "run"),
)
# Who sends what, and the page that shows the same afterwards.
SENT: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("manager", "{booking}/accepter", {"retour": "a-traiter"}, "/a-traiter"),
    ("manager", "{booking}/accepter", {"note": "Bien"}, "{booking}"),
    ("manager", "{booking}/refuser", {"retour": "a-traiter", "reason": "Travaux"}, "/a-traiter"),
    ("manager", "{booking}/refuser", {"reason": "Travaux"}, "{booking}"),
    ("manager", "/a-traiter", {"ref": "{ref}"}, "/a-traiter"),
    ("member", "{booking}/annuler", {"reason": "Plus besoin"}, "{booking}"),
    ("member", "{booking}/messages", {"text": "Merci"}, "{booking}"),
    ("manager", "{booking}/messages", {"text": "Bonjour"}, "{booking}"),
    ("coordinator", "{waiting}/accepter", {"back": "/pat/demandes", "priority_class": "P2"}, "/pat/demandes"),
    ("coordinator", "{waiting}/refuser", {"back": "/pat/demandes", "reason": "Inconnue"}, "/pat/demandes"),
    ("coordinator", "{request}/accepter", {"back": "/pat/demandes"}, "/pat/demandes"),
    ("member", "{request}/accepter", {"back": "{organisation}/membres"}, "{organisation}/membres"),
    ("member", "{request}/refuser", {"back": "{organisation}/membres", "reason": "Non"}, "{organisation}/membres"),
    ("member", "/agendas/liens/{link}/revoquer", {}, "{calendar}"),
)  # fmt: skip
# What only matters at the moment of a swap: where the focus goes.
PASSING = ("data-focus", "tabindex")


@pytest.fixture
def world(app: Flask, session: Any, frozen: Any) -> Neighbourhood:
    return Neighbourhood(app)


def filled(world: Neighbourhood, text: str) -> str:
    facts = world.facts
    organisation = f"/structures/{facts['slug']['/structures']}"
    return text.format(
        resource=f"/ressources/{facts['slug']['/ressources']}",
        booking=f"/reservations/{facts['ref']['/']}",
        ref=facts["ref"]["/"],
        decision=f"/d/{facts['token']['/']}",
        organisation=organisation,
        waiting=f"/pat/structures/{facts['slug']['/pat']}",
        request=f"{organisation}/membres/{facts['membership_id']}",
        link=facts["public_id"]["/agendas"],
        run=facts["run_ref"],
        calendar=f"/agendas/abonnement?scope=resource&id={facts['name']['/api']}",
    )


@pytest.mark.parametrize(("role", "address", "target"), SEEN)
def test_what_is_swapped_in_is_what_a_reload_shows(world, role, address, target):
    url = filled(world, address)
    page = world.send(role, "GET", url)
    fragment = world.send(role, "GET", url, headers={**HTMX, "HX-Target": target})
    assert page.status_code == fragment.status_code == 200
    assert "HX-Request" in fragment.headers["Vary"]
    assert_same_pieces(page.get_data(as_text=True), fragment.get_data(as_text=True), target, url)


def test_the_filters_of_a_kind_follow_it(world):
    """Choosing a kind also swaps the filters that belong to it."""
    url = "/ressources?type=storage"
    fragment = world.send(
        "visitor", "GET", url, headers={**HTMX, "HX-Target": "results", "HX-Trigger-Name": "type"}
    )
    page = world.send("visitor", "GET", url)
    assert_same_pieces(page.get_data(as_text=True), fragment.get_data(as_text=True), "results", url)


@pytest.mark.parametrize(("role", "address", "form", "page_address"), SENT)
def test_after_an_act_too(world, role, address, form, page_address):
    url, data = filled(world, address), {name: filled(world, value) for name, value in form.items()}
    with world.undoing():
        fragment = world.keep(role, "POST", url, data=data, headers=HTMX)
        page = world.keep(role, "GET", filled(world, page_address))
        assert (fragment.status_code, page.status_code) == (200, 200)
        written = fragment.get_data(as_text=True)
        assert_same_pieces(page.get_data(as_text=True), written, None, url, ignoring=PASSING)


def test_no_view_with_a_piece_is_forgotten(world):
    """Whatever answers htmx with less than a page stands in `SEEN`."""
    listed = {(role, filled(world, address).partition("?")[0]) for role, address, _target in SEEN}
    missing = []
    for rule in rules(world.app, "GET"):
        url = world.url(rule)
        for role in ROLES:
            with world.send(role, "GET", url, headers=HTMX) as answer:
                whole = answer.mimetype != "text/html" or "<html" in answer.get_data(as_text=True)
            if answer.status_code == 200 and not whole and parse(answer.get_data(as_text=True)).children:
                missing += [] if url in {each for _role, each in listed} else [f"{role} {url}"]
    assert missing == []
