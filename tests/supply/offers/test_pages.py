"""The pages of surplus: the board, offering in under a minute, taking a part, what an organisation is told of."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from app.accounts.models import Organisation
from app.core import clock
from app.infra.db import db
from app.infra.uow import atomic
from app.supply.cargo import KILO
from app.supply.offers import queries, service
from app.supply.offers.models import SurplusClaim, SurplusOffer
from app.supply.offers.rules import Category, ClaimState, Point, State
from tests.factories import a_person, a_picture, a_site
from tests.helpers import count_queries, hidden
from tests.supply.offers.world import Farm, an_offer

pytestmark = pytest.mark.usefixtures("session", "frozen")
FEW = {
    "product": "Courgettes",
    "category": "vegetables",
    "amount": "400",
    "until_day": "2026-09-04",
    "until_time": "18:00",
    "where": "commune",
    "price": "0",
    "packaging": "crate_60x40",
    "per_package": "",
    "regime": "",
    "commune": "",
    "place": "",
    "from_day": "",
    "from_time": "08:00",
    "use_by": "",
    "note": "",
    "once": "k" * 20,
}


@pytest.fixture
def farm() -> Farm:
    return Farm()


@pytest.fixture
def by(client, login, farm):
    """Give what a person's browser answers: `by("farm")`."""

    def sign_in(name):
        with client.session_transaction() as cookie:
            cookie.clear()
            cookie["locale"] = "en"
        if name:
            login(client, farm.people[name])
        return client

    return sign_in


def text(answer):
    return " ".join(answer.get_data(as_text=True).split())


def latest():
    return db.session.scalars(select(SurplusOffer).order_by(SurplusOffer.id.desc())).first()


# -- offering -------------------------------------------------------------------------------------------------


def test_the_form_comes_filled_with_what_is_usual(by):
    page = text(by("farm").get("/surplus/proposer"))
    assert 'value="2026-09-04"' in page
    assert '<option selected value="18:00">' in page
    assert '<option selected value="commune">Les Touches (44390)' in page


def test_a_few_fields_are_enough(by, farm):
    answer = by("farm").post("/surplus/proposer", data=FEW)
    assert answer.status_code == 303
    offer = latest()
    assert (offer.grams, offer.per_package, offer.regime, offer.state) == (
        400 * KILO,
        12 * KILO,
        "produce",
        State.OPEN,
    )
    assert (offer.commune_code, offer.until_at, offer.from_at) == (
        "44205",
        clock.now() + timedelta(days=3, hours=8),
        clock.now(),
    )
    assert by("farm").post("/surplus/proposer", data=FEW).headers["Location"] == answer.headers["Location"]
    assert len(db.session.scalars(select(SurplusOffer.id)).all()) == 1


def test_its_own_place_comes_first_and_says_where(by, farm):
    site = a_site(farm.farm, name="La grange", address="2 chemin du Lin", lat=47.45, lon=-1.42)
    page = text(by("farm").get("/surplus/proposer"))
    assert f'<option selected value="{site.public_id}">La grange' in page
    by("farm").post("/surplus/proposer", data=FEW | {"where": site.public_id})
    assert (latest().place, latest().lat) == ("La grange, 2 chemin du Lin", 47.45)


def test_another_commune_that_is_typed_counts(by, farm):
    by("farm").post("/surplus/proposer", data=FEW | {"commune": "Nort-sur-Erdre", "place": "Sous la halle"})
    assert (latest().commune_code, latest().place) == ("44110", "Sous la halle")


def test_its_own_commune_is_no_postcode(by, farm):
    """44110 is Nort-sur-Erdre, and the postcode of other communes."""
    answer = by("ours").post("/surplus/proposer", data=FEW | {"amount": "40 kg"})
    assert answer.status_code == 303
    assert (latest().commune_code, latest().grams) == ("44110", 40 * KILO)


def test_a_photo_goes_with_it_and_strangers_do_not_see_it(by, farm):
    by("farm").post("/surplus/proposer", data=FEW | {"photo": (BytesIO(a_picture("green")), "p.jpg")})
    url = f"/surplus/{latest().public_id}/photo/small.webp"
    with by("ours").get(url) as answer:
        assert answer.mimetype == "image/webp"
    assert by("foreign").get(url).status_code == 404
    assert by("ours").get(url.replace("small", "huge")).status_code == 404


def test_a_photo_need_not_be_chosen_again(by, farm):
    sent = FEW | {"photo": (BytesIO(a_picture("green")), "p.jpg"), "amount": "beaucoup"}
    page = text(by("farm").post("/surplus/proposer", data=sent))
    assert "Your photo is kept" in page
    [kept] = re.findall(r'name="kept" type="hidden" value="(\w{64})"', page)
    by("farm").post("/surplus/proposer", data=FEW | {"kept": kept})
    assert latest().photo == kept
    for odd in ("0" * 64, "../../secret"):
        by("farm").post("/surplus/proposer", data=FEW | {"kept": odd, "once": odd[:20] + "k"})
        assert latest().photo is None


def test_ones_own_offers_are_not_around_one(by, farm):
    farm.post(product="Salades")
    assert "1 offer" in text(by("ours").get("/surplus"))
    page = text(by("farm").get("/surplus"))
    assert "Salades" in page
    assert "Nothing is offered at the moment" in page
    counts = [queries.count_open(getattr(farm, who)) for who in ("member", "farmer", "coordinator")]
    assert counts == [1, 0, 1]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"amount": "beaucoup"}, "Type a weight in kilos"),
        ({"amount": "0"}, "Type a weight in kilos"),
        ({"amount": "900000"}, "at most 100,000 kg"),
        ({"price": "-1"}, "Type an amount"),
        ({"price": "5000"}, "between 0 and"),
        ({"until_day": "2026-08-01"}, "This day is over"),
        ({"until_day": "2026-09-01", "until_time": "00:30"}, "That time is over"),
        ({"amount": "40 sacs", "until_day": "2026-08-01", "where": "elsewhere"}, "3 things to correct"),
        ({"until_day": ""}, "Choose the last day"),
        ({"use_by": "2026-09-02"}, "use-by date"),
        ({"where": "elsewhere"}, "commune"),
        ({"per_package": "x"}, "what one package holds"),
        ({"photo": (BytesIO(b"%PDF"), "p.jpg")}, "PDF"),
        ({"until_day": "2027-09-01"}, "90 days at most"),
        ({"until_day": "9999-12-31", "until_time": "24:00"}, "Check the year"),
        ({"from_day": "0001-01-01", "from_time": "00:00"}, "Check the year"),
    ],
)
def test_what_cannot_be_says_why_and_keeps_what_was_typed(by, farm, wrong, words):
    answer = by("farm").post("/surplus/proposer", data=FEW | {"product": "Poireaux", "note": "Beaux"} | wrong)
    assert answer.status_code == 422
    page = text(answer)
    assert words in page
    assert "Poireaux" in page
    assert "Beaux" in page


def test_what_was_offered_before_is_offered_again_with_new_dates(by, farm):
    old = farm.post(product="Salades", note="Fragiles", until_at=clock.now() + timedelta(days=1))
    page = text(by("farm").get(f"/surplus/proposer?comme={old.public_id}"))
    assert 'value="Salades"' in page
    assert "Fragiles" in page
    assert 'value="2026-09-04"' in page
    assert "Salades" not in text(by("ours").get(f"/surplus/proposer?comme={old.public_id}"))
    assert '<option value="Salades">' in text(by("farm").get("/surplus/proposer"))


def test_it_is_corrected_by_its_organisation_only(by, farm):
    offer = farm.post()
    url = f"/surplus/{offer.public_id}/modifier"
    assert by("ours").get(url).status_code == 403
    assert 'value="400"' in text(by("farm").get(url))
    data = FEW | {"amount": "380,5", "commune": "Les Touches"}
    assert by("farm").post(url, data=data).status_code == 303
    db.session.expire_all()
    assert offer.grams == 380_500
    farm.take(offer, 300)
    answer = by("farm").post(url, data=data | {"amount": "200"})
    assert answer.status_code == 409
    assert "300 kg are taken already" in text(answer)


def test_who_belongs_nowhere_is_told_what_to_do_first(by, farm):
    farm.people["nobody"] = a_person()
    assert "One step first: your organisation" in text(by("nobody").get("/surplus"))
    assert by("nobody").get("/surplus/proposer").status_code == 403
    assert by(None).get("/surplus").status_code == 303


# -- the board ------------------------------------------------------------------------------------------------


def test_the_board_shows_what_is_around_the_nearest_first(by, farm):
    service.post(
        farm.other,
        farm.others.id,
        an_offer(product="Lait", category=Category.DAIRY, price_cents=80, place=far()),
    )
    farm.post()
    page = text(by("ours").get("/surplus"))
    assert page.index("Courgettes, 400 kg") < page.index("Lait, 400 kg")
    assert "2 offers" in page
    assert "€0.80 for a kilo" in page
    assert "Courgettes" not in text(by("foreign").get("/surplus"))
    only = text(by("ours").get("/surplus?don=1&categorie=vegetables&lieu=Nort-sur-Erdre&km=10"))
    assert "Courgettes, 400 kg" in only
    assert "Lait" not in only
    assert "Nothing fits all of this" in text(by("ours").get("/surplus?categorie=fish"))
    assert "Nothing is offered" not in page


def far():
    return service.Place("44036", "", Point(47.7211, -1.3764))


def test_an_unknown_commune_is_said_and_kept(by, farm):
    page = text(by("ours").get("/surplus?lieu=Xyzzyx"))
    assert 'value="Xyzzyx"' in page
    assert 'role="alert"' in page


def test_one_finds_ones_own_offers_and_parts_on_top(by, farm):
    offer = farm.post()
    farm.take(offer, 120)
    assert "To be collected by you" in text(by("ours").get("/surplus"))
    page = text(by("farm").get("/surplus"))
    assert "Offered by you" in page
    assert "already taken: 120 kg" in page


def test_many_offers_take_no_more_queries_and_fill_pages(by, farm):
    for _n in range(3):
        farm.post()
    by("ours").get("/surplus")
    with count_queries() as few:
        by("ours").get("/surplus")
    for _n in range(30):
        farm.post()
    with count_queries(at_most=len(few)):
        page = text(by("ours").get("/surplus"))
    assert "33 offers" in page
    assert page.count('class="card"') == 24
    assert text(by("ours").get("/surplus?page=2")).count('class="card"') == 9


def test_other_pages_lead_there(by, farm):
    farm.post()
    client = by("ours")
    for url in ("/", "/moi"):
        assert "1 offer at the moment" in text(client.get(url)), url
    assert f"/structures/{farm.ours.slug}/alertes-surplus" in text(
        client.get(f"/structures/{farm.ours.slug}")
    )
    assert "alertes-surplus" not in text(client.get(f"/structures/{farm.farm.slug}"))
    farm.take(latest())
    assert "Nothing at the moment" in text(by("others").get("/moi"))


@pytest.mark.parametrize("words", ["", "La cour derrière la grange"])
def test_what_is_saved_as_it_was_changes_nothing(by, farm, frozen, words):
    site = a_site(farm.farm, name="Grange")
    data = FEW | {"where": site.public_id, "place": words}
    by("farm").post("/surplus/proposer", data=data)
    offer = latest()
    farm.take(offer, 300)
    since, changed_at = offer.from_at, offer.changed_at
    frozen.tick(hours=1)
    url = f"/surplus/{offer.public_id}/modifier"
    assert f'name="place" type="text" value="{words}"' in text(by("farm").get(url))
    assert by("farm").post(url, data=data).status_code == 303
    db.session.expire_all()
    assert (offer.from_at, offer.changed_at) == (since, changed_at)


def test_an_hour_is_said_until_it_is_taken_back(by, frozen):
    by("farm").post("/surplus/proposer", data=FEW | {"from_day": "2026-09-03", "from_time": "05:00"})
    offer = latest()
    assert offer.said_from_at == offer.from_at
    frozen.tick(hours=1)
    by("farm").post(f"/surplus/{offer.public_id}/modifier", data=FEW)
    db.session.expire_all()
    assert (offer.said_from_at, offer.from_at) == (None, offer.created_at)


def test_an_older_tab_does_not_undo_what_was_corrected_since(by, farm):
    offer = farm.post()
    url = f"/surplus/{offer.public_id}/modifier"
    data = FEW | {"commune": "Les Touches", "vu": hidden(text(by("farm").get(url)), "vu")}
    assert by("farm").post(url, data=data | {"amount": "450"}).status_code == 303
    answer = by("farm").post(url, data=data | {"amount": "600"})
    assert answer.status_code == 409
    assert "It now says: 450" in text(answer)
    assert 'value="600"' in text(answer)
    db.session.expire_all()
    assert offer.grams == 450_000


# -- taking ---------------------------------------------------------------------------------------------------


def test_a_part_is_taken_and_only_who_offers_reads_by_whom(by, farm):
    offer = farm.post(price_cents=80)
    url = f"/surplus/{offer.public_id}"
    page = text(by("ours").get(url))
    assert "400 kg left of 400 kg" in page
    assert 'value="400"' in page
    assert "2 pallets, 501 kg with the packaging" in page
    assert "You pay GAEC des Touches directly" in page
    data = {
        "organisation": farm.ours.id,
        "amount": "120",
        "message": "Mardi matin",
        "once": "o" * 20,
    }
    for _twice in range(2):
        answer = by("ours").post(f"{url}/reserver", data=data)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{url}#parts")
    assert queries.left_of(latest()) == 280 * KILO
    mine, theirs, other = (text(by(name).get(url)) for name in ("ours", "farm", "others"))
    assert "What you took" in mine
    assert 'value="280"' not in mine, "one more tap does not take all that is left"
    assert "1 part to collect" in text(by("ours").get("/moi"))
    assert "Mardi matin" in theirs
    assert "Les Glaneurs, 120 kg" in theirs
    assert "already taken: 120 kg" in other
    assert "Les Glaneurs" not in other


def test_more_than_is_left_is_refused_with_what_is(by, farm):
    offer = farm.post()
    service.take(farm.other, offer.id, service.Part(farm.others.id, 350 * KILO))
    url = f"/surplus/{offer.public_id}/reserver"
    data = {
        "organisation": farm.ours.id,
        "amount": "60",
        "message": "Bonjour",
        "once": "o",
    }
    answer = by("ours").post(url, data=data)
    assert answer.status_code == 409
    page = text(answer)
    assert "Only 50 kg are left" in page
    assert 'value="60"' in page
    assert "Bonjour" in page
    assert by("ours").post(url, data=data | {"amount": "x"}).status_code == 422
    assert by("farm").post(url, data=data).status_code == 403
    assert by("foreign").post(url, data=data).status_code == 404
    assert by("ours").post(url, data=data | {"organisation": farm.others.id}).status_code == 422


def test_a_part_is_given_back_collected_or_cancelled(by, farm):
    offer = farm.post()
    first, second, third = (farm.take(offer, 50) for _n in range(3))
    url = f"/surplus/{offer.public_id}/parts"
    refs = [each.public_id for each in (first, second, third)]
    assert by("others").post(f"{url}/{refs[0]}/rendre").status_code == 404
    assert by("ours").post(f"{url}/{refs[0]}/rendre").status_code == 303
    assert by("ours").post(f"{url}/{refs[0]}/rendre").status_code == 409
    assert by("ours").post(f"{url}/{refs[1]}/remise").status_code == 403
    assert by("farm").post(f"{url}/{refs[1]}/remise").status_code == 303
    assert by("farm").post(f"{url}/{refs[1]}/remise/erreur").status_code == 303
    answer = by("farm").post(f"{url}/{refs[2]}/annuler", data={"reason": ""})
    assert answer.status_code == 422
    assert f'<label for="reason-{refs[2]}">' in text(answer)
    assert by("farm").post(f"{url}/{refs[2]}/annuler", data={"reason": "Grêle"}).status_code == 303
    states = db.session.scalars(select(SurplusClaim.state).order_by(SurplusClaim.id)).all()
    assert states == [ClaimState.GIVEN_BACK, ClaimState.CLAIMED, ClaimState.CANCELLED]
    assert "Grêle" in text(by("ours").get(f"/surplus/{offer.public_id}"))


def test_what_is_noted_as_collected_is_denied_on_its_page(by, farm):
    offer = farm.post(from_at=clock.now() + timedelta(hours=1))
    part = farm.take(offer, 50)
    url = f"/surplus/{offer.public_id}/parts/{part.public_id}/remise"
    page = text(by("farm").get(f"/surplus/{offer.public_id}"))
    assert "It was collected" not in page
    assert "Cancel this part" in page
    answer = by("farm").post(url)
    assert answer.status_code == 409
    assert "Correct the offer first" in text(answer)
    service.change(farm.farmer, offer.id, an_offer())
    assert by("farm").post(url).status_code == 303
    assert "We did not pick it up" not in text(by("farm").get(f"/surplus/{offer.public_id}"))
    assert "We did not pick it up" in text(by("ours").get(f"/surplus/{offer.public_id}"))
    assert by("others").post(f"{url}/contester").status_code == 404
    assert by("ours").post(f"{url}/contester").status_code == 303
    assert part.state == ClaimState.CLAIMED


def test_it_is_withdrawn_with_a_reason(by, farm):
    offer = farm.post()
    farm.take(offer, 50)
    url = f"/surplus/{offer.public_id}"
    assert "350 kg left of 400 kg" in text(by("ours").get(url))
    assert by("farm").post(f"{url}/retirer", data={"reason": ""}).status_code == 422
    assert by("farm").post(f"{url}/retirer", data={"reason": "En panne"}).status_code == 303
    page = text(by("ours").get(url))
    assert "This was withdrawn" in page
    assert not re.search(r"left of|kg left| left, ", page)
    assert "En panne" in page
    assert "En panne" not in text(by("others").get(url))
    assert by("farm").get(f"{url}/modifier").status_code == 200
    assert by("farm").post(f"{url}/modifier", data=FEW).status_code == 409


def test_what_is_over_says_how_much_was_taken_and_of_no_remainder(by, farm, frozen):
    offer = farm.post()
    farm.take(offer, 50)
    frozen.move_to(offer.until_at)
    page = text(by("ours").get(f"/surplus/{offer.public_id}"))
    assert "Taken: 50 kg" in page
    assert not re.search(r"left of|kg left| left, ", page)


# -- being told -----------------------------------------------------------------------------------------------


def test_members_say_of_what_their_organisation_is_told(by, farm):
    url = f"/structures/{farm.ours.slug}/alertes-surplus"
    page = text(by("ours").get(url))
    assert '<option selected value="30">30 km' in page
    assert page.count("checked") == 1 + len(Category)
    data = {"is_wanted": "y", "radius_km": "50", "categories": ["bread", "fruit"]}
    assert by("ours").post(url, data=data).status_code == 303
    interest = queries.interest_of(farm.ours.id)
    assert (interest.radius_km, sorted(interest.categories), interest.is_wanted) == (
        50,
        ["bread", "fruit"],
        True,
    )
    assert by("ours").post(url, data={"is_wanted": "y", "radius_km": "50"}).status_code == 303
    assert queries.interest_of(farm.ours.id).categories == frozenset(Category), "none ticked: all of it"
    assert by("others").get(url).status_code == 403
    assert by("ours").post(url, data=data | {"radius_km": "7"}).status_code == 422


def test_who_takes_a_gift_without_authorisation_for_food_aid_is_warned(by, farm):
    gift, sold = farm.post(), farm.post(price_cents=80)
    page = text(by("ours").get(f"/surplus/{gift.public_id}"))
    assert "No authorisation for food aid of “Les Glaneurs” is known." in page
    assert 'id="take"' in page  # a warning, no refusal
    assert "No authorisation" not in text(by("ours").get(f"/surplus/{sold.public_id}"))
    with atomic():
        db.session.get_one(Organisation, farm.ours.id).legal_nature = "public"
    assert "No authorisation" not in text(by("ours").get(f"/surplus/{gift.public_id}"))


def test_a_part_says_what_it_comes_to_whatever_the_price_becomes(by, farm):
    by("farm").post("/surplus/proposer", data=FEW | {"price": "0,40"})
    offer = latest()
    before = text(by("ours").get(f"/surplus/{offer.public_id}"))
    assert 'name="price" type="hidden" value="40"' in before
    farm.take(offer, 200)
    url = f"/surplus/{offer.public_id}/modifier"
    form = text(by("farm").get(url))
    assert "200 kg: they keep the price at which they were taken" in form
    answer = by("farm").post(url, data=FEW | {"price": "3"}, follow_redirects=True)
    assert "Saved. Who took a part" not in text(answer), "nothing changes for them"
    for who in ("farm", "ours"):
        page = text(by(who).get(f"/surplus/{offer.public_id}"))
        assert "Les Glaneurs, 200 kg, €80.00" in page
    assert "Courgettes, 200 kg, €80.00" in text(by("ours").get("/surplus"))
    stale = {"organisation": farm.ours.id, "amount": "50", "price": "40", "once": "p" * 20}
    refused = by("ours").post(f"/surplus/{offer.public_id}/reserver", data=stale)
    assert refused.status_code == 409
    assert "corrected in the meantime: €3.00 for a kilo" in text(refused)
    assert 'name="price" type="hidden" value="300"' in text(refused)


def test_the_page_counts_what_is_left_as_the_board_does(by, farm):
    offer = farm.post()
    url = f"/surplus/{offer.public_id}"
    assert "34 crates of 60 × 40" in text(by("ours").get(url))
    farm.take(offer, 120)
    board, page = text(by("others").get("/surplus")), text(by("others").get(url))
    assert "24 crates of 60 × 40" in board
    assert "24 crates of 60 × 40 left, 34 crates of 60 × 40 in all" in page
    assert "341 kg with the packaging for what is left" in page
    farm.take(offer)
    assert "34 crates of 60 × 40 in all" in text(by("others").get(url))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"product": "a" * 500}, "Write at most 160 characters"),
        ({"amount": "99999999999"}, "Type at most 100,000 kg."),
        ({"per_package": "99999999999"}, "Type at most 100,000 kg."),
        ({"where": "elsewhere", "commune": " "}, "Type a commune: its name or its postcode."),
    ],
)
def test_what_is_too_much_says_the_limit_and_nothing_is_cut(by, typed, words):
    page = text(by("farm").post("/surplus/proposer", data=FEW | typed))
    assert words in page
    assert latest() is None
    field = page[page.index('name="product"') - 200 : page.index('name="product"') + 200]
    assert "maxlength" not in field, "a browser would cut it"


def test_what_comes_next_stands_on_top_of_the_page(by, farm):
    offer = farm.post()
    url = f"/surplus/{offer.public_id}"
    before = text(by("ours").get(url))
    assert "you can ask for a van, a cold room and a kitchen to fetch it" in before
    assert 'href="#take"' in before
    farm.take(offer, 120)
    page = text(by("ours").get(url))
    head = page[page.index("<h1") : page.index('id="left-bar"')]
    assert "Organise the chain" in head
    assert "/filieres/preparer?" in head
    assert 'href="#take"' not in page
    assert "Take more of it" in page
