"""The page that proposes chains, and the one that asks for what is chosen."""

import re
from datetime import UTC
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from app.accounts.queries import load_actor
from app.availability.queries import Wish
from app.availability.service import take
from app.bookings.models import Booking, Bundle
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service as payments
from app.payments.tariffs.tariff import Meter, VatRegime
from app.supply.chains.models import Chain
from app.supply.needs.models import UnmetCount
from app.supply.offers import service as offers
from app.supply.offers.rules import Point
from tests.bookings.money import tariff
from tests.bookings.pages import text_of
from tests.factories import a_member, a_person, a_resource, an_organisation, at, span
from tests.helpers import count_queries
from tests.supply.land import FARM, Land, free_as_in_s12, free_only
from tests.supply.offers.world import TOUCHES, an_offer, weighing

PREPARE = "/filieres/preparer"
NAMES = ("Fourgon frigorifique", "Fourgon isotherme", "Chambre froide", "Cuisine du bourg")
TYPED = {
    "produit": "Courgettes", "kilos": "400", "commune": "Les Touches (44390)", "date": "2026-09-14", "de": "13:00",
    "fin": "2026-09-14", "a": "18:00", "attente": "oui", "jour": "2026-09-17", "heure": "14:00",
}  # fmt: skip


@pytest.fixture
def land(session, frozen):
    frozen.move_to(at("2026-09-10 09:00").astimezone(UTC))
    return Land()


def taken(land, **facts):
    """Let a farm that has said how it is paid offer something of which the association takes all."""
    farm = an_organisation(land.territory, name="GAEC des Touches")
    said = payments.Terms("GAEC", "1 rue du Four\n44390 Les Touches", (), vat_regime=VatRegime.FRANCHISE)
    payments.say_terms(land.actor_for(farm), farm.id, said)
    given = {
        "cargo": weighing(400),
        "place": offers.Place(TOUCHES, "Ferme", Point(*FARM)),
        "from_at": at("2026-09-14 13:00"),
        "until_at": at("2026-09-14 18:00"),
    } | facts
    offer = offers.post(load_actor(a_member(farm).id), farm.id, an_offer(**given))
    return offer, offers.take(land.asker, offer.id, offers.Part(land.association.id))


def links(page, begin):
    found = re.findall(rf'href="({begin}[^"]*)"', page.get_data(as_text=True))
    return [*dict.fromkeys(map(unescape, found))]  # what comes next stands on top, too


def choices(page):
    return links(page, "/filieres/preparer/demande")


def fields(page):
    """Give what the form of the request would send."""
    body = page.get_data(as_text=True)
    sent = [
        each
        for each in re.findall(r"<input[^>]*>", body)
        if not re.search('type="(radio|checkbox)"', each) or " checked" in each
    ]
    found = {
        name: unescape(value)
        for name, value in re.findall(r' name="([^"]+)"[^>]*? value="([^"]*)"', "".join(sent))
        if name != "licence_years"
    }
    day = re.search(r'name="remise_heure".*?<option selected value="([^"]*)"', body, re.DOTALL)
    return found | {"remise_heure": day[1] if day else "", "message": ""}


def links_of_form(page):
    [action] = re.findall(r'<form method="post" action="(/filieres/[^"]+)"', page.get_data(as_text=True))
    return unescape(action)


def number_of(model):
    return db.session.scalar(select(func.count()).select_from(model))


@pytest.mark.scenario(number="S12")
@pytest.mark.scenario(number="S13")
def test_s12_from_the_offer_to_the_chain(land, browser):
    free_as_in_s12(land)
    offer, part = taken(land)
    client = browser(land.treasurer_person)
    [prepare] = links(client.get(f"/surplus/{offer.public_id}"), PREPARE)
    assert parse_qs(urlsplit(prepare).query)["part"] == [part.public_id]
    page = client.get(f"{prepare}&attente=oui&jour=2026-09-17&heure=14:00")
    said = text_of(page)
    for told in (
        "Monday 14 September, 13:00–15:00",
        "From Monday 14 September to Wednesday 16 September included",
        "2 pallets",
        "Wednesday 16 September, 06:00–07:00",
        "Wednesday 16 September, 08:00–16:00",
        "42 km in all, 1 trip",
        "20 km in all, 1 trip",
        "€152.40",
        "The only one found",
        "51 h",
        *NAMES,
    ):
        assert told in said, told
    [chosen] = choices(page)
    form = client.get(chosen)
    shown = text_of(form)
    for amount in ("€35.20", "€7.20", "€14.00", "€96.00", "€152.40"):
        assert amount in shown, amount
    sent = fields(form)
    assert (sent["remise_jour"], sent["remise_heure"], sent["purpose"]) == (
        "2026-09-16",
        "16:00",
        "400 kg, Courgettes",
    )
    action = links_of_form(form)
    sent |= {"remise_jour": "2026-09-17", "remise_heure": "14:00"}
    answer = client.post(action, data=sent)
    chain = db.session.scalars(select(Chain)).one()
    assert (answer.status_code, urlsplit(answer.location).path) == (303, f"/filieres/{chain.bundle.ref}")
    assert client.post(action, data=sent).location == answer.location  # the same send counts once
    legs = chain.bundle.legs
    assert [(leg.resource_id, leg.span) for leg in legs] == [
        (land.v1.id, span("2026-09-14 13:00", "2026-09-14 15:00")),
        (land.s5.id, span("2026-09-14 00:00", "2026-09-17 00:00")),
        (land.v2.id, span("2026-09-16 06:00", "2026-09-16 07:00")),
        (land.k1.id, span("2026-09-16 08:00", "2026-09-16 16:00")),
    ]
    assert [(step.role, round(step.metres / 1000)) for step in chain.steps] == [
        ("collect", 42), ("store", 0), ("carry", 20), ("process", 0),
    ]  # fmt: skip
    assert (chain.surplus_claim_ref, chain.bundle.handover_at) == (part.public_id, at("2026-09-17 14:00"))
    assert f"/surplus/{offer.public_id}" in text_of(client.get(answer.location))
    assert f"/filieres/{chain.bundle.ref}" in text_of(client.get(f"/surplus/{offer.public_id}"))


def test_what_it_carries_is_paid_to_who_sells_it(land, browser):
    free_as_in_s12(land)
    offer, _part = taken(land, price_cents=50)
    client = browser(land.treasurer_person)
    [prepare] = links(client.get(f"/surplus/{offer.public_id}"), PREPARE)
    page = client.get(f"{prepare}&attente=oui&jour=2026-09-17&heure=14:00")
    assert "The goods: €200.00, paid to GAEC des Touches. What the proposals cost comes on top." in text_of(
        page
    )
    [chosen] = choices(page)
    form = client.get(chosen)
    assert "The goods: €200.00, paid to GAEC des Touches" in text_of(form)
    answer = client.post(links_of_form(form), data=fields(form))
    costs = text_of(client.get(f"{urlsplit(answer.location).path}/couts"))
    assert "€352.40, estimated from what is planned" in costs


@pytest.mark.scenario(number="S27")
def test_s27_apples_go_in_two_trips(land, browser):
    offer, _part = taken(land, product="Pommes", cargo=weighing(1500))
    client = browser(land.treasurer_person)
    [prepare] = links(client.get(f"/surplus/{offer.public_id}"), PREPARE)
    page = text_of(client.get(f"{prepare}&pour=stockage&jour=2026-09-17"))
    for told in ("125 crates of 60 × 40", "4 pallets, 1,787.5 kg with the packaging", "in all, 2 trips"):
        assert told in page, told


def test_the_form_is_filled_and_asks_for_what_is_missing(land, browser):
    client = browser(land.person)
    page = text_of(client.get(PREPARE))
    assert "Look for chains" in page
    assert 'role="alert"' not in page
    assert "Courgettes" in text_of(client.get(f"{PREPARE}?produit=Courgettes"))
    asked = text_of(client.get(f"{PREPARE}?produit=Courgettes&chercher=1"))
    assert "Type how many kilos there are." in asked
    assert "Type the commune from which it is fetched." in asked


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"fin": "2026-09-13"}, "It ends before it begins"),
        ({"date": "2026-09-01", "fin": "2026-09-02"}, "This is over"),
        ({"fin": "2027-09-14"}, "at most three months"),
        ({"jour": "2026-10-14"}, "at most two weeks after"),
        ({"jour": "2026-09-13"}, "ready after it can be collected"),
        ({"jour": "9999-12-31", "heure": "24:00"}, "too far away"),
        ({"kilos": "-4"}, "Type a weight in kilos"),
        ({"commune": "Nulle part"}, "commune"),
        ({"pour": "lieu", "vers_commune": "Nulle part"}, "Nulle part"),
        ({"par": "x"}, "Type what one package holds"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(land, browser, changed, told):
    page = text_of(browser(land.person).get(PREPARE, query_string=TYPED | changed))
    assert 'role="alert"' in page
    assert told in page


def test_nothing_that_fits_says_why_and_what_to_change(land, browser):
    take([Wish(land.k1.id, span("2026-09-13 07:00", "2026-09-18 22:00"), 4)], override=True)
    page, _again = (browser(land.person).get(PREPARE, query_string=TYPED) for _n in range(2))
    counted = db.session.execute(select(UnmetCount.source, UnmetCount.commune_code, UnmetCount.regime)).all()
    assert counted == [("plan", TOUCHES, "produce")], "the coordination reads what is missing, of nobody"
    said = text_of(page)
    assert "Nothing fits from end to end" in said
    assert "Kitchens (1): not free at that time" in said
    assert "Cuisine du bourg" in said
    [longer] = [each for each in links(page, PREPARE) if "fin=2026-09-21" in each]
    assert "Choose this one" in text_of(browser(land.person).get(longer))


@pytest.mark.scenario(number="S12")
def test_a_kitchen_that_is_free_only_before_they_arrive_is_named_with_that_reason(land, browser):
    free_only(land.k1, span("2026-09-14 08:00", "2026-09-14 16:00"))
    page = text_of(browser(land.person).get(PREPARE, query_string=TYPED))
    assert "Kitchens (1): free only before the goods could be there" in page


def test_each_plan_says_why_it_is_proposed_and_the_rest_why_it_is_not(land, browser):
    page = text_of(
        browser(land.person).get(PREPARE, query_string=TYPED | {"attente": "", "fin": "2026-09-15"})
    )
    for told in ("The cheapest", "Ready the soonest", "Why no others?"):
        assert told in page, told


def test_of_a_long_time_to_collect_it_the_first_two_weeks_are_looked_at(land, browser):
    client, cut = browser(land.person), "Only the first two weeks"
    page = client.get(PREPARE, query_string=TYPED | {"fin": "2026-11-14", "jour": "2026-11-20"})
    assert cut in text_of(page)
    assert choices(page)
    assert cut not in text_of(client.get(PREPARE, query_string=TYPED | {"fin": "2026-09-20", "jour": ""}))


def test_it_is_brought_to_a_place_by_one_vehicle(land, browser):
    client = browser(land.person)
    page = client.get(
        PREPARE, query_string=TYPED | {"attente": "non", "pour": "lieu", "vers_commune": "Petit-Mars (44390)"}
    )
    form = client.get(choices(page)[0])
    answer = client.post(links_of_form(form), data=fields(form))
    assert answer.status_code == 303
    assert len(db.session.scalars(select(Bundle)).one().legs) == 1


def chosen(client, **changed):
    form = client.get(choices(client.get(PREPARE, query_string=TYPED | changed))[0])
    return links_of_form(form), fields(form) | {"purpose": "Soupes du mercredi", "message": "On arrive tôt"}


def test_who_was_slower_keeps_what_was_typed_and_chooses_anew(land, browser):
    client = browser(land.person)
    action, sent = chosen(client)
    take([Wish(land.k1.id, span("2026-09-14 07:00", "2026-09-15 22:00"), 4)], override=True)
    refused = client.post(action, data=sent)
    said = text_of(refused)
    assert refused.status_code == 409
    assert number_of(Booking) == number_of(Chain) == 0
    for told in ("Soupes du mercredi", "On arrive tôt", "What is free now", "Cuisine du bourg"):
        assert told in said, told
    other, *_more = re.findall(r'name="choisir" value="([^"]+)"', said)
    again = client.post(action, data=sent | {"choisir": other})
    assert again.status_code == 200
    assert "Soupes du mercredi" in text_of(again)
    made = client.post(action, data=fields(again) | {"purpose": "Soupes du mercredi"})
    assert made.status_code == 303
    assert number_of(Chain) == 1


def test_what_is_wrong_in_the_request_loses_nothing(land, browser):
    client = browser(land.person)
    action, sent = chosen(client)
    for changed, told in (
        ({"purpose": ""}, "Say in a few words"),
        ({"remise_jour": "2026-09-14", "remise_heure": "08:00"}, "handed over"),
        ({"people": "-1"}, "between"),
    ):
        answer = client.post(action, data=sent | changed)
        assert answer.status_code == 422, changed
        assert told in text_of(answer)
        assert "On arrive tôt" in text_of(answer)
    assert number_of(Chain) == 0


def test_a_plan_counts_for_what_it_was_proposed_for_only(land, browser):
    client = browser(land.person)
    action, sent = chosen(client)
    for path in (
        action.replace("kilos=400", "kilos=40"),
        action.replace("jour=2026-09-17", "jour=2026-09-18"),
    ):
        assert client.post(path, data=sent).status_code == 409
    assert client.post(action, data=sent | {"plan": sent["plan"][:-3] + "abc"}).status_code == 409
    assert number_of(Booking) == 0
    assert client.get(f"{action}&plan=x").status_code == 303


def test_a_part_is_carried_by_who_took_it_while_it_is_theirs(land, browser):
    free_as_in_s12(land)
    offer, part = taken(land)
    stranger = browser(a_member(an_organisation(land.territory)))
    assert links(stranger.get(f"/surplus/{offer.public_id}"), PREPARE) == []
    typed = TYPED | {"part": part.public_id}
    assert "not yours any more" in text_of(stranger.get(PREPARE, query_string=typed))
    client = browser(land.treasurer_person)
    form = client.get(choices(client.get(PREPARE, query_string=typed))[0])
    offers.give_back(land.asker, part.id)
    refused = client.post(links_of_form(form), data=fields(form))
    assert refused.status_code == 409
    assert number_of(Chain) == 0
    assert links(client.get(f"/surplus/{offer.public_id}"), PREPARE) == []


def test_who_acts_for_nobody_is_told_what_comes_first(land, browser):
    assert "One step first" in text_of(browser(a_person()).get(PREPARE))
    assert browser().get(PREPARE).status_code == 303


def test_the_list_of_chains_leads_there(land, browser):
    assert links(browser(land.person).get("/filieres"), PREPARE) == [PREPARE]


def test_as_few_statements_for_many_places_as_for_few(land, browser):
    client, typed = browser(land.person), TYPED | {"attente": "", "fin": "2026-09-15"}

    def counted(path, **query):
        with count_queries() as sent:
            page = client.get(path, **query)
        return page, len(sent)

    page, few = counted(PREPARE, query_string=typed)
    _page, choosing = counted(choices(page)[0])
    for _ in range(6):
        land.price(land.van(land.depot, "FRC"), tariff((Meter.HOUR, 450), (Meter.KM, 55)))
        a_resource(land.town, facts={"throughput": 100})
    page, many = counted(PREPARE, query_string=typed)
    assert len(choices(page)) == 3
    assert many <= few + 2  # one plan more is held against all rules
    assert max(few, many, choosing) <= 23, (few, many, choosing)


def test_who_puts_a_request_together_is_led_there(land, browser):
    assert links(browser(land.person).get("/demander"), PREPARE) == [PREPARE]
    assert links(browser(a_person()).get("/demander"), PREPARE) == []


def test_what_is_free_says_so_where_the_rest_has_an_amount(land, browser):
    land.price(land.s5, None)
    free_as_in_s12(land)
    offer, _part = taken(land)
    client = browser(land.treasurer_person)
    [prepare] = links(client.get(f"/surplus/{offer.public_id}"), PREPARE)
    page = client.get(f"{prepare}&attente=oui&jour=2026-09-17&heure=14:00")
    [card] = re.findall(r"<article.*?</article>", text_of(page), re.DOTALL)
    assert len(re.findall("[Cc]ost", card)) == 1, "of its cost a card speaks once"
    form = client.get(choices(page)[0])
    assert [step.count("Free of charge") for step in steps(form)] == [0, 1, 0, 0]
    answer = client.post(links_of_form(form), data=fields(form))
    costs = text_of(client.get(f"{urlsplit(answer.location).path}/couts"))
    assert costs.count("Free of charge") == 2, "where it stands, and instead of an amount"
    assert "€145.20" in costs


def test_ones_own_and_what_is_paid_without_us_are_told(land, browser):
    with atomic():
        land.k1.site.owner = land.association
    client = browser(land.treasurer_person)
    form = client.get(choices(client.get(PREPARE, query_string=TYPED))[0])
    assert "Your own: nothing is charged to you" in text_of(form)
    payments.switch_money(land.coordinator, land.territory.id, is_on=False)
    form = client.get(choices(client.get(PREPARE, query_string=TYPED))[0])
    assert "as shown): paid directly to the place" in text_of(form)
    assert 'name="parts"' not in text_of(form), "there is nothing to share"


def test_what_is_paid_directly_counts_from_the_proposal_to_the_chain_that_was_asked_for(land, browser):
    free_as_in_s12(land)
    bare = a_resource(
        land.town, name="Conserverie mobile", kind="kitchen", buffer_after=0, hours="Mo-Sa 07:00-22:00; PH off",
        facts={"throughput": 200}, price_cents=8000, price_per="day",
    )  # fmt: skip
    free_only(bare, span("2026-09-16 08:00", "2026-09-16 16:00"))
    with atomic():
        land.k1.status = "out_of_order"
    aside = "of which €80.00 at prices only shown, to be paid directly to the place"
    in_all = f"€114.22 · {aside}"
    client = browser(land.treasurer_person)
    page = client.get(PREPARE, query_string=TYPED)
    assert in_all in text_of(page)
    form = client.get(choices(page)[0])
    assert "€80.00 (€80.00 a day, as shown): paid directly to the place" in steps(form)[3]
    assert "Estimated cost: €114.22" in text_of(form)
    assert aside in text_of(form)
    chain = urlsplit(client.post(links_of_form(form), data=fields(form)).location).path
    assert "€114.22, estimated from what is planned · " + aside in text_of(client.get(chain))
    costs = text_of(client.get(f"{chain}/couts"))
    assert "€114.22, estimated from what is planned · " + aside in costs
    assert "€80.00 a day, as shown: paid directly to the place" in costs


def steps(page):
    return re.findall(r'<div id="etape-\d+">(.*?)</li>', text_of(page), re.DOTALL)


def test_a_postcode_of_several_communes_is_answered_with_these_to_choose_from(land, browser):
    client, typed = browser(land.treasurer_person), TYPED | {"commune": "44390"}
    asked = client.get(PREPARE, query_string=typed).get_data(as_text=True)
    assert 'type="radio" id="commune-2" name="commune" value="Les Touches (44390)"' in asked
    assert 'value="Courgettes"' in asked
    chosen = client.get(PREPARE, query_string=typed | {"commune": ["44390", "Les Touches (44390)"]})
    assert "Choose yours below" not in text_of(chosen)
    [plan, *_others] = choices(chosen)
    assert "Les Touches (44390)" in text_of(client.get(plan))


def test_who_offers_something_organises_its_chain_with_all_filled_in(land, browser):
    free_as_in_s12(land)
    facts = {"place": offers.Place(TOUCHES, "Ferme", Point(*FARM)), "cargo": weighing(400)}
    times = {"from_at": at("2026-09-14 13:00"), "until_at": at("2026-09-14 18:00")}
    offer = offers.post(land.asker, land.association.id, an_offer(**facts, **times))
    url, client = f"/surplus/{offer.public_id}", browser(land.treasurer_person)
    [prepare] = links(client.get(url), PREPARE)
    typed = parse_qs(urlsplit(prepare).query)
    assert (typed["kilos"], typed["offre"], typed["de"], "part" in typed) == (
        ["400"], [offer.public_id], ["13:00"], False,
    )  # fmt: skip
    page = client.get(f"{prepare}&attente=oui&jour=2026-09-17&heure=14:00")
    assert links(page, url)
    [chosen] = choices(page)
    form = client.get(chosen)
    answer = client.post(links_of_form(form), data=fields(form))
    chain = db.session.scalars(select(Chain)).one()
    assert answer.status_code == 303
    assert (chain.surplus_offer_ref, chain.surplus_claim_ref) == (offer.public_id, None)
    page = client.get(url)
    for said in ("Your chain", "is asked for to collect it", "Others can still take what your chain carries"):
        assert said in text_of(page), said
    assert links(page, f"/filieres/{chain.bundle.ref}")
    assert links(client.get(f"/filieres/{chain.bundle.ref}"), url)


def test_an_offer_that_is_not_ones_own_is_not_carried_so(land, browser):
    other = an_organisation(land.territory)
    offer = offers.post(load_actor(a_member(other).id), other.id, an_offer())
    client = browser(land.treasurer_person)
    assert "is not offered by you" in text_of(client.get(f"{PREPARE}?offre={offer.public_id}"))
    assert "Your chain" not in text_of(client.get(f"/surplus/{offer.public_id}"))


def _chosen(land, client):
    """Open the form that asks for the one plan of S12."""
    free_as_in_s12(land)
    offer, _part = taken(land)
    [prepare] = links(client.get(f"/surplus/{offer.public_id}"), PREPARE)
    [chosen] = choices(client.get(f"{prepare}&attente=oui&jour=2026-09-17&heure=14:00"))
    return client.get(chosen)


def test_food_aid_is_said_of_whom_it_is_for_before_it_is_sent(land, browser):
    bank = an_organisation(land.territory, name="Banque alimentaire", priority_class="P1")
    client = browser(land.treasurer_person)
    form = _chosen(land, client)
    action, sent = links_of_form(form), fields(form)
    sent = {name: value for name, value in sent.items() if name != "for_food_aid"} | {
        "receiver": bank.public_id
    }
    first = client.post(action, data=sent)
    assert (first.status_code, number_of(Chain)) == (422, 0)
    said = text_of(first)
    assert "“Banque alimentaire” does food aid." in said
    assert "No authorisation for food aid of “Banque alimentaire” is known." in said
    again = sent | {"seen_for": fields(first)["seen_for"], "for_food_aid": "y"}
    assert client.post(action, data=again).status_code == 303
    assert db.session.scalars(select(Chain)).one().for_food_aid


def test_a_warning_is_read_before_it_is_passed_over(land, browser):
    client = browser(land.treasurer_person)
    form = _chosen(land, client)
    action, sent = links_of_form(form), fields(form) | {"for_food_aid": "y"}
    first = client.post(action, data=sent)
    assert (first.status_code, number_of(Chain)) == (422, 0)
    assert "Read what" in text_of(first)
    no_more = {name: value for name, value in sent.items() if name != "for_food_aid"}
    assert client.post(action, data=no_more).status_code == 303
    assert not db.session.scalars(select(Chain)).one().for_food_aid
