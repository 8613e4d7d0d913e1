"""The pages of lots and hand-over notes, as volunteers use them at a back door."""

import pytest
from sqlalchemy import select

from app.accounts.models import Role
from app.infra.db import db
from app.supply.cargo import KILO, Regime
from app.supply.lots import queries, service
from app.supply.lots.models import Handover, Lot
from app.supply.lots.rules import NoteState
from tests.factories import a_manager, a_member, a_resource, a_site
from tests.supply.lots.world import Barn

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture
def barn() -> Barn:
    return Barn()


def text(answer):
    return " ".join(answer.get_data(as_text=True).split())


def latest(table):
    return db.session.scalars(select(table).order_by(table.id.desc())).first()


def few(barn, **facts):
    given = {
        "organisation": barn.farm.public_id,
        "product": "Courgettes",
        "amount": "400",
        "regime": "produce",
        "origin_of": "",
        "origin": "Verger du Don",
        "received_on": "2026-09-01",
        "packaging": "crate_60x40",
        "place": "",
        "once": "k" * 20,
    }
    return given | facts


def hand(lot, barn, **facts):
    given = {
        f"kilos_{lot.public_id}": "100",
        "to": barn.ours.public_id,
        "temperature": "6",
        "packages": "9",
        "is_food_aid": "y",
        "once": "n" * 20,
    }
    return given | facts


def test_what_was_signed_in_ones_name_is_contested_or_confirmed_on_the_page_of_the_note(by, barn):
    note, right = barn.give(barn.enter()), barn.give(barn.enter())
    for each in (note, right):
        service.receive(barn.farmer, each.id, service.Receipt("N’importe qui"))
    url = f"/remises/{note.public_id}"
    assert "It was signed in your name" not in text(by("farm").get(url))
    assert "by N’importe qui" in text(by("ours").get(url))
    assert by("ours").post(f"{url}/contester", data={"reason": ""}).status_code == 422
    assert by("ours").post(f"{url}/contester", data={"reason": "Personne n’était là."}).status_code == 303
    page = text(by("farm").get(url))
    assert "contests what was signed in its name" in page
    assert "Personne n’était là." in page
    assert by("ours").post(f"{url}/confirmer").status_code == 409
    assert by("ours").post(f"/remises/{right.public_id}/confirmer").status_code == 303
    assert "confirmed by the receiver on" in text(by("farm").get(f"/remises/{right.public_id}"))
    assert by("farm").post(f"{url}/contester", data={"reason": "x"}).status_code == 403


def test_a_few_fields_are_enough_to_enter_a_lot(by, barn):
    assert "Enter a lot" in text(by("farm").get("/lots/nouveau"))
    answer = by("farm").post("/lots/nouveau", data=few(barn))
    lot = latest(Lot)
    assert answer.location == f"/lots/{lot.public_id}"
    assert (lot.grams, lot.per_package, lot.origin) == (400 * KILO, 12 * KILO, "Verger du Don")
    page = text(by("farm").get(f"/lots/{lot.public_id}"))
    assert "Verger du Don" in page
    assert "400 kg left" in page


def test_what_was_typed_is_kept_when_it_cannot_be(by, barn):
    answer = by("farm").post("/lots/nouveau", data=few(barn, use_by="2026-08-31"))
    assert answer.status_code == 422
    assert "This use-by date is past" in text(answer)
    assert 'value="Verger du Don"' in text(answer)


def test_all_that_is_wrong_with_a_lot_is_told_in_one_answer(by, barn):
    site = a_site(barn.farm, name="Pôle nourricier")
    dry = a_resource(site, name="Sec", kind="storage", facts={"regime": "ambient"})
    wrong = few(
        barn, product="", amount="200000", origin="", use_by="2026-08-31", received_on="2026-09-02",
        regime="frozen", place=dry.public_id, per_package="x", note="Variété précoce",
    )  # fmt: skip
    answer = by("farm").post("/lots/nouveau", data=wrong)
    assert answer.status_code == 422
    told = text(answer)
    for field in ("product", "amount", "origin", "use_by", "received_on", "place", "per_package"):
        assert f'id="{field}-error' in told or f'href="#{field}"' in told, field
    assert "Variété précoce" in told


def test_a_place_that_is_too_warm_is_refused_with_those_that_fit(by, barn):
    site = a_site(barn.farm, name="Pôle nourricier")
    dry = a_resource(site, name="Sec", kind="storage", facts={"regime": "ambient"})
    a_resource(site, name="Froid négatif", kind="storage", facts={"regime": "frozen"})
    answer = by("farm").post("/lots/nouveau", data=few(barn, regime="frozen", place=dry.public_id))
    assert answer.status_code == 422
    assert "These fit: Froid négatif, Pôle nourricier" in text(answer)


def test_a_hand_over_is_four_fields_and_two_signatures(by, client, barn):
    lot = barn.enter()
    ref = lot.public_id
    page = text(by("farm").get(f"/remises/nouvelle?lot={ref}"))
    assert 'value="400"' in page
    assert "counted from the kilos, 34 for all of it" in page
    answer = by("farm").post(f"/remises/nouvelle?lot={ref}", data=hand(lot, barn))
    note = latest(Handover)
    url = f"/remises/{note.public_id}"
    assert answer.location == f"{url}#sign"
    told = "An authorisation for food aid is needed"
    page = text(client.get(url))
    assert "It cannot be signed yet." in page
    assert "Sign it now" not in page
    assert "Farm" in page  # the name of who is signed in
    assert told in page
    assert f"{url}/signer" not in page
    assert by("farm").post(f"{url}/signer", data={"name": "Paule"}).status_code == 409
    barn.authorise(barn.ours)
    assert told not in text(by("farm").get(url))
    assert by("farm").post(f"{url}/signer", data={"name": "Paule"}).status_code == 303
    page = text(by("ours").get(url))
    assert "Les Glaneurs receives it" in page
    answer = by("ours").post(f"{url}/recevoir", data={"name": "Jean", f"kilos_{ref}": "100"})
    assert "Tick the box" in text(answer)
    data = {"name": "Jean", "is_received": "y", f"kilos_{ref}": "90", "reason": ""}
    answer = by("ours").post(f"{url}/recevoir", data=data)
    assert (answer.status_code, "Give a reason" in text(answer)) == (422, True)
    assert by("ours").post(f"{url}/recevoir", data=data | {"reason": "Abîmé"}).status_code == 303
    assert db.session.get_one(Handover, note.id).state == NoteState.RECEIVED
    page = text(by("ours").get(url))
    assert "Received by Jean" in page
    assert "Given by Paule" in page
    theirs = latest(Lot)
    back = text(by("ours").get(f"/lots/{theirs.public_id}"))
    assert "GAEC des Touches" in back
    assert url in back
    forward = text(by("farm").get(f"/lots/{ref}"))
    assert "Les Glaneurs" in forward
    assert "310 kg left" in forward


def test_a_refusal_has_a_reason_that_the_other_side_reads(by, barn):
    note = barn.give(barn.enter())
    url = f"/remises/{note.public_id}"
    assert by("ours").post(f"{url}/refuser", data={"name": "Jean"}).status_code == 422
    assert by("ours").post(f"{url}/refuser", data={"name": "Jean", "reason": "Moisi"}).status_code == 303
    assert "Moisi" in text(by("farm").get(url))


def test_a_note_is_given_up(by, barn):
    lot = barn.enter()
    note = barn.draft(lot)
    answer = by("farm").post(f"/remises/{note.public_id}/annuler", data={"reason": "Pas de camion"})
    assert answer.status_code == 303
    assert queries.left_of([db.session.get_one(Lot, lot.id)])[lot.id] == 400 * KILO


def test_chilled_food_without_a_temperature_is_sent_back_to_its_field(by, barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED)
    data = hand(lot, barn, temperature="")
    answer = by("farm").post(f"/remises/nouvelle?lot={lot.public_id}", data=data)
    assert answer.status_code == 422
    assert "type what the thermometer shows" in text(answer)
    for typed in ("12 000", "chaud"):
        data = hand(lot, barn, temperature=typed)
        assert by("farm").post(f"/remises/nouvelle?lot={lot.public_id}", data=data).status_code == 422


def test_a_distribution_counts_people_and_names_nobody(by, barn):
    lot = barn.enter()
    data = hand(lot, barn, to="distribution")
    url = f"/remises/nouvelle?lot={lot.public_id}"
    assert "Never note who they are" in text(by("farm").post(url, data=data))
    assert by("farm").post(url, data=data | {"people": "48"}).status_code == 303
    note = latest(Handover)
    assert "Distribution to 48 people" in text(by("farm").get(f"/remises/{note.public_id}"))


def test_without_a_lot_there_is_a_way_to_one(by, barn):
    lot = barn.enter()
    for url in ("/remises/nouvelle", f"/remises/nouvelle?lot={lot.public_id}"):
        assert "Choose a lot first" in text(by("ours").get(url))  # it is not theirs


def test_others_are_told_that_there_is_nothing(by, barn):
    lot = barn.enter()
    note = barn.draft(lot)
    for name in ("others", "foreign"):
        assert by(name).get(f"/lots/{lot.public_id}").status_code == 404
        assert by(name).get(f"/remises/{note.public_id}").status_code == 404
    assert by("ours").get(f"/remises/{note.public_id}").status_code == 200


def test_the_list_says_what_waits_for_a_signature(by, barn):
    lot = barn.enter()
    barn.draft(lot)
    assert "Hand-overs to be signed" in text(by("farm").get("/lots"))
    assert "Hand-overs to be signed" not in text(by("ours").get("/lots"))  # the giver has not signed yet
    assert "No lot is present" in text(by("ours").get("/lots"))
    assert "Nothing fits" in text(by("farm").get("/lots?produit=kiwi"))


def test_the_note_is_printed_with_both_signatures(by, barn):
    lot = barn.enter(use_by=None)
    for note in (barn.draft(lot), barn.hand_over(lot)):
        answer = by("farm").get(f"/remises/{note.public_id}/bon.pdf")
        assert answer.mimetype == "application/pdf"
        assert answer.data.startswith(b"%PDF-1.7")
        assert f"bon-de-remise-{note.public_id}.pdf" in answer.headers["Content-Disposition"]
    assert by("others").get(f"/remises/{note.public_id}/bon.pdf").status_code == 404


def test_a_note_that_is_no_food_aid_after_all_can_be_signed(by, barn):
    lot = barn.enter()
    by("farm").post(f"/remises/nouvelle?lot={lot.public_id}", data=hand(lot, barn))
    url = f"/remises/{latest(Handover).public_id}"
    assert by("ours").post(f"{url}/hors-aide-alimentaire").status_code == 403
    assert by("farm").post(f"{url}/hors-aide-alimentaire").status_code == 303
    assert by("farm").post(f"{url}/signer", data={"name": "Paule"}).status_code == 303
    assert latest(Handover).is_food_aid is False
    by("farm").post(f"{url}/hors-aide-alimentaire")  # once more, too late: nothing happens
    assert latest(Handover).given_digest


def test_a_lot_is_corrected_on_its_page_until_something_of_it_went_somewhere(by, barn):
    lot = barn.enter(grams=5_000 * KILO, note="Lot 12")
    url = f"/lots/{lot.public_id}"
    assert f'href="{url}/corriger"' in text(by("farm").get(url))
    assert 'value="5000"' in text(by("farm").get(f"{url}/corriger"))
    wrong = few(barn, amount="0", received_on="2026-09-02", use_by="2026-08-31")
    answer = by("farm").post(f"{url}/corriger", data=wrong)
    assert answer.status_code == 422
    assert 'href="#amount"' in text(answer)
    assert 'href="#received_on"' in text(answer)
    assert 'href="#use_by"' not in text(answer)
    assert by("farm").post(f"{url}/corriger", data=few(barn, amount="200")).location == url
    page = text(by("farm").get(url))
    assert "200 kg left" in page
    assert "Before: weight 5,000 kg." in page
    assert (lot.grams, lot.note) == (200 * KILO, "Lot 12")
    assert by("ours").get(f"{url}/corriger").status_code in (403, 404)
    barn.draft(lot)
    assert f'href="{url}/corriger"' not in text(by("farm").get(url))
    assert "Cancel that note" in text(by("farm").get(f"{url}/corriger", follow_redirects=True))
    assert by("farm").post(f"{url}/corriger", data=few(barn, amount="300")).status_code == 409


def test_packages_are_counted_from_the_kilos_where_nobody_counted_them(by, barn):
    lot = barn.enter()
    url = f"/remises/nouvelle?lot={lot.public_id}"
    data = hand(lot, barn, packages="") | {f"kilos_{lot.public_id}": "10"}
    by("farm").post(url, data=data)
    note = latest(Handover)
    assert note.packages == 1
    correct = f"/remises/{note.public_id}/corriger"
    assert 'name="packages" type="text" value=""' in text(by("farm").get(correct))
    by("farm").post(correct, data=data | {f"kilos_{lot.public_id}": "30"})
    assert latest(Handover).packages == 3
    by("farm").post(correct, data=data | {"packages": "2"})
    assert latest(Handover).packages == 2
    assert 'name="packages" type="text" value="2"' in text(by("farm").get(correct))


def test_nothing_is_handed_over_before_it_came(by, barn):
    lot = barn.enter()
    data = hand(lot, barn, day="2026-08-31", time="09:00")
    answer = by("farm").post(f"/remises/nouvelle?lot={lot.public_id}", data=data)
    assert answer.status_code == 422
    assert "“Courgettes” came on Tuesday 1 September 2026: it cannot have been handed over before" in text(
        answer
    )
    assert latest(Handover) is None


def test_who_receives_something_too_warm_reads_the_alarm_at_once(by, client, barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED)
    note = barn.give(lot, tenths=30)
    data = {"name": "Jean", "is_received": "y", f"kilos_{lot.public_id}": "100", "temperature": "13,5"}
    assert by("ours").post(f"/remises/{note.public_id}/recevoir", data=data).status_code == 303
    page = text(client.get(f"/remises/{note.public_id}"))
    assert "Received: it is a lot of the receiver’s from now on." in page
    assert (
        "Alarm: 13.5 °C, alarm from 6.1 °C. What is too warm is blocked until its incident is closed." in page
    )


def test_a_note_that_is_too_warm_says_so_instead_of_asking_for_a_signature(by, client, barn):
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED)
    data = hand(lot, barn, temperature="13,5", is_food_aid="")
    answer = by("farm").post(f"/remises/nouvelle?lot={lot.public_id}", data=data)
    page = text(client.get(answer.location))
    assert "It is too warm: an incident is open, and nobody signs before it is closed." in page
    assert "Sign it now" not in page


def test_ones_own_harvest_came_from_nobody_else(by, barn):
    lot = barn.enter(origin="", origin_id=barn.farm.id)
    assert "own harvest or production" in text(by("farm").get(f"/lots/{lot.public_id}"))


def test_who_manages_a_place_sees_what_others_keep_there_and_one_step_of_it(by, barn):
    site = a_site(barn.others, name="Pôle nourricier")
    barn.people["anne"] = a_manager(site, name="Anne")
    room = a_resource(site, name="Froid", kind="storage", facts={"regime": "chilled"}, slug="froid")
    lot = barn.enter(product="Yaourts", regime=Regime.CHILLED, resource_id=room.id, note="Rayon 3")
    note = barn.hand_over(lot, tenths=30)
    url = f"/lots/{lot.public_id}"
    listed = text(by("anne").get("/lots"))
    assert "In your places" in listed
    barn.people["owner"] = a_member(barn.others, role=Role.ORG_ADMIN)
    assert "No lot of your own is present" in text(by("owner").get("/lots"))
    for told in ("Yaourts", "300 kg left", "Froid, Pôle nourricier", "GAEC des Touches", url):
        assert told in listed
    page = text(by("anne").get(url))
    assert "Verger du Don" in page
    assert "Les Glaneurs" in page
    assert f"/remises/{note.public_id}" not in page
    assert "What is left was destroyed" not in page
    assert by("anne").post(f"{url}/detruire", data={"reason": "x"}).status_code == 403
    assert by("anne").get(f"{url}/rappel").status_code in {403, 404}
    assert "In your places" not in text(by("farm").get("/lots"))
    service.store(barn.farmer, lot.id, None)
    assert by("anne").get(url).status_code == 404
    assert "In your places" not in text(by("anne").get("/lots"))
