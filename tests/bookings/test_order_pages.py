"""Pages about legs that follow one another: the check asks what the act will ask, all is told at once, legs are moved."""

import re

import pytest
from sqlalchemy import select

from app.bookings import service
from app.bookings.models import Bundle
from app.infra.db import db
from app.infra.uow import atomic
from tests.bookings.pages import text_of
from tests.bookings.test_bundle_pages import named, two
from tests.bookings.test_bundles import Valley, of
from tests.bookings.test_licence import requires
from tests.factories import a_resource, span
from tests.helpers import HTMX, assert_same_pieces, parse

TOO_SOON = {"e0-de": "13:00", "e0-a": "14:00"}  # the van, after which the kitchen begins


@pytest.fixture
def valley(session, frozen):
    return Valley()


def piece(page, identifier):
    """Give the piece with this id as text, line by line."""
    found = parse(page).find(identifier)
    assert found is not None, identifier
    return "\n".join(found.lines())


def sent(valley, browser, **more):
    """Give a request of a van at 07:00, then a kitchen at 09:00, handed over on Thursday."""
    browser(valley.person).post("/demander", data=in_order(valley, **more))
    return db.session.scalars(select(Bundle)).one()


def in_order(valley, **more):
    return two(valley, **({"se_suivent": "y", "remise_jour": "2026-10-08", "remise_heure": "14:00"} | more))


def test_what_follows_one_another_is_sent_with_its_hand_over(valley, browser):
    client = browser(valley.person)
    page = text_of(client.post("/demander", data=in_order(valley, verifier="0")))
    assert 'name="se_suivent"' in page
    assert "awaited together for 2 days" in page
    assert page.count("Answer within 2 days.") == 2  # the van's own 24 hours do not count here
    kept_page = text_of(client.get("/demander"))
    assert re.search(r'<input[^>]*checked[^>]*name="se_suivent"', kept_page)
    assert 'value="2026-10-08"' in kept_page
    answer = client.post("/demander", data=in_order(valley))
    bundle = db.session.scalars(select(Bundle)).one()
    assert (answer.status_code, bundle.in_order) == (303, True)
    shown = text_of(client.get(answer.location))
    assert "each begins once the one before it is over" in shown
    assert "1. Fourgon frigorifique" in shown
    assert "Hand-over: Thursday 8 October, 14:00" in shown
    assert "All answers are due before Thursday 3 September, 10:00" in shown
    seen = text_of(browser(valley.driver_person).get(answer.location))
    assert "Hand-over: Thursday 8 October, 14:00" in seen
    assert 'name="remise_jour"' not in seen


def test_what_begins_too_soon_is_refused_at_its_element(valley, browser):
    client = browser(valley.person)
    wrong = in_order(valley, **{"e0-de": "13:00", "e0-a": "14:00", "message": "Bonjour"})
    answer = client.post("/demander", data=wrong)
    page = text_of(answer)
    assert answer.status_code == 422
    assert re.search(
        r'<a href="#slot-1">Cuisine partagée</a> <span>“Cuisine partagée” begins too soon: “Fourgon frigorifique”, '
        r"which comes before it, is not over before Tuesday 6 October, 14:00. Choose a time from then on, or move it up in the list.",
        page,
    )
    assert "Bonjour" in page
    assert db.session.scalar(select(Bundle)) is None
    own = piece(page, "slot-1")
    assert "begins too soon" in own
    assert "Free" not in own
    assert "verdict bad" in own
    assert (
        'name="choisir-1" type="submit" value="date=2026-10-06&de=14:00&a=17:00' in own
    )  # the earliest that fits
    assert 'formaction="/demander#descendre-0" name="avancer" type="submit" value="1-0"' in own
    assert "begins too soon" not in piece(page, "slot-0")


@pytest.mark.parametrize(
    "typed, field",
    [
        ({"remise_heure": ""}, "remise_heure"),
        ({"remise_jour": ""}, "remise_jour"),
        ({"remise_jour": "jeudi"}, "remise_jour"),
        ({"remise_heure": "25:61"}, "remise_heure"),
        ({"remise_jour": "2026-10-06", "remise_heure": "11:30"}, "remise_jour"),  # the kitchen is not over
        ({"se_suivent": ""}, "remise_jour"),
    ],
)
def test_a_hand_over_that_cannot_be_is_told_in_its_field(valley, browser, typed, field):
    given = {name: value for name, value in in_order(valley, **typed).items() if value}
    answer = browser(valley.person).post("/demander", data=given)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in text_of(answer)
    assert db.session.scalar(select(Bundle)) is None


def test_what_is_offered_instead_of_a_lost_element_keeps_the_order(valley, browser):
    browser(valley.person).post("/demander", data=in_order(valley, remise_jour="2026-10-07"))
    bundle = db.session.scalars(select(Bundle)).one()
    lost = of(bundle)[1]
    service.refuse(lost.id, valley.manager, "Travaux")
    client = browser(valley.person)
    page = text_of(client.get(f"/demandes/{bundle.ref}"))
    offered = re.findall(rf'name="choix" value="{valley.kitchen.slug}\?date=([0-9-]+)&amp;de=([0-9:]+)', page)
    assert offered
    assert all(("2026-10-06", "09:00") <= when < ("2026-10-07", "14:00") for when in offered)
    early = {"choix": f"{valley.kitchen.slug}?date=2026-10-05&de=09:00&a=12:00"}
    answer = client.post(f"/reservations/{lost.ref}/remplacer", data=early)
    assert answer.status_code == 422
    assert "is not over before Tuesday 6 October, 09:00" in text_of(answer)


def test_an_element_is_moved_within_its_order(valley, browser):
    browser(valley.person).post("/demander", data=in_order(valley))
    bundle = db.session.scalars(select(Bundle)).one()
    van = of(bundle)[0]
    late = {"date": "2026-10-06", "de": "09:00", "a": "10:00", "quantite": "1"}
    answer = browser(valley.person).post(f"/reservations/{van.ref}/modifier", data=late)
    assert answer.status_code == 422
    assert "would not be over when “Cuisine partagée”, which comes after it, begins" in text_of(answer)


def test_the_hand_over_is_changed_on_the_page(valley, browser):
    browser(valley.person).post("/demander", data=in_order(valley))
    bundle = db.session.scalars(select(Bundle)).one()
    client, url = browser(valley.person), f"/demandes/{bundle.ref}"
    later = {"remise_jour": "2026-10-09", "remise_heure": "10:00"}
    assert client.post(f"{url}/remise", data=later).location == url
    assert "Hand-over: Friday 9 October, 10:00" in text_of(client.get(url))
    soon = client.post(f"{url}/remise", data={"remise_jour": "2026-10-06", "remise_heure": "10:00"})
    assert soon.status_code == 422
    assert "The hand-over comes too soon: “Cuisine partagée” is not over before" in text_of(soon)
    half = client.post(f"{url}/remise", data={"remise_jour": "2026-10-09"})
    assert half.status_code == 422
    assert browser(valley.driver_person).post(f"{url}/remise", data=later).status_code == 403
    assert client.post(f"{url}/remise", data={}).location == url
    assert "Nothing is said yet about when it is handed over." in text_of(client.get(url))


# -- the check asks what the act will ask -------------------------------------------------------------------


@pytest.mark.parametrize(
    "number, typed, why, instead",
    [
        (1, {"de": "08:00", "a": "11:00"}, "begins too soon: “Fourgon frigorifique”", "de=09:00&a=12:00"),
        (0, {"de": "08:00", "a": "10:00"}, "would not be over when “Cuisine partagée”", "de=07:00&a=09:00"),
        (
            0,
            {"date": "2026-10-07", "de": "08:00", "a": "10:00"},
            "would not be over when",
            "de=07:00&a=09:00",
        ),
        (
            1,
            {"date": "2026-10-09"},
            "would not be over when everything is handed over",
            "date=2026-10-08&de=11:00",
        ),
    ],
)
@pytest.mark.parametrize("act", ["modifier", "proposer"])
def test_a_time_that_the_act_refuses_is_not_called_free(valley, browser, number, typed, why, instead, act):
    leg = of(sent(valley, browser))[number]
    manager = valley.driver_person if number == 0 else valley.manager_person
    client = browser(valley.person if act == "modifier" else manager)
    url = f"/reservations/{leg.ref}/{act}"
    slot = {"date": "2026-10-06", "de": "09:00", "a": "12:00", "quantite": "1"} | typed
    fragment = text_of(client.get(url, query_string=slot, headers=HTMX))
    page = text_of(client.post(url, data=slot | {"verifier": "1"}))
    assert_same_pieces(page, fragment, "slot", act)
    answer = client.post(url, data=slot)
    refused = text_of(answer)
    assert answer.status_code == 422
    for shown in (fragment, piece(refused, "slot")):
        assert why in shown
        assert "Free" not in shown
        assert instead in shown.replace("&amp;", "&")
    assert refused.count(why) == 2  # beside the time, and in the summary that leads there
    assert 'href="#slot"' in refused


@pytest.mark.parametrize("act", ["modifier", "proposer"])
def test_what_is_offered_instead_of_a_taken_time_keeps_the_order(valley, browser, act):
    leg = of(sent(valley, browser))[1]
    valley.ask(span("2026-10-07 09:00", "2026-10-07 12:00"))
    client = browser(valley.person if act == "modifier" else valley.manager_person)
    slot = {"date": "2026-10-07", "de": "09:00", "a": "12:00", "quantite": "1"}
    shown = text_of(client.get(f"/reservations/{leg.ref}/{act}", query_string=slot, headers=HTMX))
    offered = re.findall(r'name="choisir" value="date=([0-9-]+)&amp;de=([0-9:]+)', shown)
    assert offered
    assert all(("2026-10-06", "09:00") <= when <= ("2026-10-08", "11:00") for when in offered)


@pytest.mark.parametrize(
    "number, why", [(1, "what comes before it is not over"), (0, "what comes after it begins")]
)
def test_of_a_place_that_is_hidden_the_name_is_not_told(valley, browser, number, why):
    bundle = sent(valley, browser)
    mine, other = of(bundle)[number], of(bundle)[1 - number].resource
    with atomic():
        other.visibility = "hidden"
    slot = {"date": "2026-10-06", "de": "08:00", "a": "11:00" if number else "10:00", "quantite": "1"}
    client = browser(valley.manager_person if number else valley.driver_person)
    url = f"/reservations/{mine.ref}/proposer"
    checked, refused = client.get(url, query_string=slot, headers=HTMX), client.post(url, data=slot)
    assert refused.status_code == 422
    for shown in map(text_of, (checked, refused)):
        assert why in shown
        assert other.name not in shown


def test_moving_one_element_of_a_draft_answers_the_others_anew(valley, browser):
    client = browser(valley.person)
    typed = in_order(valley, **TOO_SOON)
    fragment = text_of(client.post("/demander", data=typed | {"verifier": "0"}, headers=HTMX))
    assert "begins too soon" in piece(fragment, "slot-1")
    assert 'hx-swap-oob="true"' in piece(fragment, "slot-1")
    assert "hx-swap-oob" not in piece(fragment, "slot-0")
    whole = text_of(client.post("/demander", data=typed | {"verifier": "0"}))
    assert_same_pieces(whole, fragment, "slot-0", "the element that was changed")
    alone = text_of(client.post("/demander", data=two(valley, **TOO_SOON, verifier="0"), headers=HTMX))
    assert 'id="slot-1"' not in alone
    assert "begins too soon" not in text_of(
        client.post("/demander", data=two(valley, **TOO_SOON, verifier="0"))
    )


@pytest.mark.parametrize("ticked", [True, False])
def test_the_tick_for_the_order_asks_all_answers_anew_and_leaves_the_fields(valley, browser, ticked):
    client = browser(valley.person)
    page = text_of(client.post("/demander", data=two(valley, verifier="0")))
    [tick] = re.findall(r'<input[^>]*name="se_suivent"[^>]*>', page)
    assert 'hx-target="#slot-0"' in tick
    typed = (in_order if ticked else two)(valley, **TOO_SOON, verifier="0", tous="1")
    fragment = text_of(client.post("/demander", data=typed, headers=HTMX))
    assert ("begins too soon" in piece(fragment, "slot-1")) is ticked
    assert "<legend>" not in fragment


# -- all at once --------------------------------------------------------------------------------------------


def test_order_hand_over_licence_and_fields_are_told_on_one_send(valley, browser):
    requires(valley.van, 3)
    requires_not = {"e0-licence_years": ""}
    typed = in_order(
        valley, **TOO_SOON, **requires_not, purpose="", remise_jour="2026-10-06", remise_heure="13:30"
    )
    answer = browser(valley.person).post("/demander", data=typed)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "4 things to correct" in page
    assert 'href="#slot-1">Cuisine partagée</a>' in page
    assert 'href="#remise_jour"' in page
    assert 'href="#purpose"' in page
    assert re.search(
        r'href="#e0-licence_years">Fourgon frigorifique, Whoever drives [^<]*</a> <span>Whoever drives', page
    )
    assert 'aria-describedby="e0-licence_years-error"' in page
    for field in ("e0-licence_years", "remise_jour", "purpose"):
        assert f'id="{field}-error"' in page


def test_what_is_taken_is_told_beside_what_begins_too_soon(valley, browser):
    valley.ask()
    answer = browser(valley.person).post("/demander", data=in_order(valley, **TOO_SOON))
    shown = piece(text_of(answer), "slot-1")
    assert answer.status_code == 422
    assert "begins too soon" in shown
    assert "Already" in shown or "taken" in shown


# -- moving in the list -------------------------------------------------------------------------------------


def three(valley, **more):
    other = a_resource(valley.site, slug="annexe", name="Annexe")
    third = {"e2-ressource": other.slug, "e2-date": "2026-10-06", "e2-de": "13:00", "e2-a": "15:00"}
    return in_order(valley, **(third | more))


@pytest.mark.parametrize(
    "button, names, status",
    [
        ({"monter": "1"}, "CVA", "“Cuisine partagée” is number 1 of 3 now."),
        ({"monter": "2"}, "VAC", "“Annexe” is number 2 of 3 now."),
        ({"descendre": "0"}, "CVA", "“Fourgon frigorifique” is number 2 of 3 now."),
        ({"descendre": "1"}, "VAC", "“Cuisine partagée” is number 3 of 3 now."),
        ({"avancer": "2-0"}, "AVC", "“Annexe” is number 1 of 3 now."),
        *[({"avancer": nonsense}, "VCA", None) for nonsense in ("2-3", "3-0", "2", "x-0", "-1-0")],
        *[({"monter": nonsense}, "VCA", None) for nonsense in ("0", "3", "7", "x", "-1")],
        *[({"descendre": nonsense}, "VCA", None) for nonsense in ("2", "7", "x", "-1")],
    ],
)
def test_an_element_is_moved_up_or_down_and_says_where_it_is(valley, browser, button, names, status):
    known = {"V": "Fourgon frigorifique", "C": "Cuisine partagée", "A": "Annexe"}
    page = text_of(browser(valley.person).post("/demander", data=three(valley, message="Bonjour", **button)))
    assert named(page) == [known[letter] for letter in names]
    assert "Bonjour" in page
    told = re.findall(r'<p id="moved" class="muted" role="status">.*?</svg>([^<]*)</p>', page)
    assert told == ([status] if status else [])
    assert len(re.findall(r'aria-describedby="moved"', page)) in ((1, 2) if status else (0,))


def test_the_move_that_is_offered_goes_before_what_is_in_the_way(valley, browser):
    early = {
        "e2-de": "07:30",
        "e2-a": "08:30",
        "e0-de": "09:00",
        "e0-a": "10:00",
        "e1-de": "11:00",
        "e1-a": "12:00",
    }
    client = browser(valley.person)
    draft = three(valley, **early)
    own = piece(text_of(client.post("/demander", data=draft | {"verifier": "0"})), "slot-2")
    assert "Before “Fourgon frigorifique”" in own
    assert "Before “Cuisine partagée”" not in own
    after = text_of(client.post("/demander", data=draft | {"avancer": "2-0"}))
    assert "begins too soon" not in after


def test_a_move_that_would_not_help_is_not_offered(valley, browser):
    van_on_its_day = {"e0-de": "10:00", "e0-a": "12:00", "e1-de": "11:00", "e1-a": "13:00"}  # they overlap
    page = text_of(
        browser(valley.person).post("/demander", data=in_order(valley, **van_on_its_day, verifier="0"))
    )
    assert "or an earlier one for what comes before it" in page
    assert 'name="avancer"' not in page
    assert "Another place in the list" not in page


def test_the_buttons_lead_to_where_the_element_goes_on(valley, browser):
    page = text_of(browser(valley.person).post("/demander", data=three(valley, verifier="0")))
    buttons = re.findall(
        r'name="(monter|descendre)" value="(\d)" id="([^"]+)" formaction="/demander#([^"]+)"', page
    )
    assert {(name, value): (own, to) for name, value, own, to in buttons} == {
        ("descendre", "0"): ("descendre-0", "descendre-1"),
        ("monter", "1"): ("monter-1", "descendre-0"),
        ("descendre", "1"): ("descendre-1", "monter-2"),
        ("monter", "2"): ("monter-2", "monter-1"),
    }
    for _name, _value, own, to in buttons:
        assert f'id="{own}"' in page
        assert f'id="{to}"' in page  # there it will be, too


def test_an_element_alone_is_not_moved(valley, browser):
    alone = {
        name: value for name, value in in_order(valley, verifier="0").items() if not name.startswith("e1-")
    }
    page = text_of(browser(valley.person).post("/demander", data=alone))
    assert 'name="monter"' not in page
    assert 'name="descendre"' not in page
