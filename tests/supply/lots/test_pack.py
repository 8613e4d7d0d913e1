"""Evidence packs: what whoever checks reads of an organisation between two days, and by which link."""

import csv
import io
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.accounts.queries import load_actor
from app.catalogue.models import Site
from app.core import clock
from app.core.errors import DomainError, NotFound
from app.infra.db import db
from app.infra.uow import atomic
from app.supply.cargo import KILO, Regime
from app.supply.lots import errors, pack_papers, pack_table, pack_words, queries, service
from app.supply.lots.models import Incident, InspectionLink, Lot
from app.supply.lots.rules import DEAD_LINK_LIFE, LINK_LIFE, MOST_LINKS, Outcome
from app.web.i18n import speaking
from tests.factories import a_manager, a_resource, a_site
from tests.supply.lots.world import TODAY, Barn, close_all
from tests.supply.offers.world import archive

AUGUST = TODAY.replace(month=8)


@pytest.fixture
def barn(session, frozen) -> Barn:
    barn = Barn()
    site = a_site(barn.farm, name="Ferme")
    barn.people["anne"] = a_manager(site, name="Anne")
    room = a_resource(site, name="Froid", kind="storage", facts={"regime": "chilled"})
    cheese = barn.enter(
        product="=Fromage", regime=Regime.CHILLED, use_by=TODAY + timedelta(days=9), resource_id=room.id
    )
    barn.hand_over(barn.enter(), kilos=120)
    barn.give(cheese, kilos=12.5, tenths=35, receiver_id=None, people=48)
    service.read(load_actor(barn.people["anne"].id), room.id, 65)
    barn.hand_over(barn.enter(product="Vieux", received_on=AUGUST))
    return barn


def pack(barn, first=TODAY, last=TODAY):
    return queries.pack_of(queries.checked_period(barn.farm, first, last))


def rows(barn):
    written = pack_table.csv(pack(barn))
    return [*csv.DictReader(io.StringIO(written.removeprefix("\ufeff")), delimiter=";")]


def refused(act, *given) -> DomainError:
    with pytest.raises(DomainError) as caught:
        act(*given)
    return caught.value


def test_a_pack_has_all_of_a_period_and_nothing_else(barn):
    assert pack(barn).totals == (2, 3, 1, 1, 0)
    assert pack(barn, AUGUST, AUGUST).totals == (1, 0, 0, 0, 0)
    theirs = queries.pack_of(queries.checked_period(barn.ours, TODAY, TODAY))
    assert theirs.totals == (2, 2, 0, 0, 0)


def test_what_was_measured_where_ones_lots_stood_is_ones_own_on_the_days_they_stood_there(barn, frozen):
    keeper, start = load_actor(barn.people["anne"].id), clock.now()
    site = db.session.scalars(select(Site)).one()
    room = a_resource(site, name="Froid 2", kind="storage", facts={"regime": "chilled"}).id
    dry = a_resource(site, name="Grange", kind="storage", facts={"regime": "ambient"}).id
    lots = {}
    for day in range(-1, 5):
        frozen.move_to(start + timedelta(days=day))
        if day == 0:
            for product in ("Sauce", "Pâté", "Tarte", "Flan"):
                new = service.NewLot(
                    product, 9 * KILO, Regime.CHILLED, TODAY, origin="Laiterie", resource_id=room
                )
                lots[product] = service.enter(barn.member, barn.ours.id, new).id
            service.destroy(barn.member, lots["Pâté"], "Tombé")
        if day == 1:
            soup = service.NewLot("Repas", 9 * KILO, Regime.CHILLED, TODAY, origin_id=barn.ours.id)
            service.make(barn.member, barn.ours.id, soup, {lots["Flan"]: 9 * KILO})
        if day == 2:
            service.store(barn.member, lots["Sauce"], None)
            given = service.NewNote(barn.ours.id, {lots["Tarte"]: 9 * KILO}, people=9, tenths=30)
            service.give(barn.member, service.draft(barn.member, given).id, "Jean")
        service.read(keeper, room, 30 + day)
        service.read(keeper, dry, 150)
    period = queries.checked_period(barn.ours, TODAY - timedelta(days=1), TODAY + timedelta(days=4))
    theirs = queries.pack_of(period)
    assert [each.tenths for each in theirs.readings] == [30, 31, 32]
    assert theirs.totals[2] == 3
    assert pack_table.csv(theirs).count("temperature;") == 3
    assert pack_table.csv(theirs).count("GAEC des Touches;;Froid 2, Ferme;") == 3


def test_a_lot_of_before_its_place_was_in_its_history_stands_there_since_it_was_entered(barn):
    room = db.session.scalars(select(Lot.resource_id).where(Lot.resource_id.is_not(None))).one()
    new = service.NewLot("Pâté", 9 * KILO, Regime.CHILLED, TODAY, origin="Laiterie")
    lot = service.enter(barn.member, barn.ours.id, new)
    with atomic():
        lot.resource_id = room
    [reading] = queries.pack_of(queries.checked_period(barn.ours, TODAY, TODAY)).readings
    assert reading.tenths == 65


def test_the_table_has_a_line_for_each_thing(barn):
    found = rows(barn)
    assert [each["nature"] for each in found] == ["lot"] * 2 + ["remise"] * 3 + ["temperature", "incident"]
    assert found[0]["produit"] == "'=Fromage"  # no formula
    given = found[3]
    assert (given["kg"], given["temperature_c"], given["a"]) == ("12,5", "3,5", "Distribution à 48 personnes")
    assert "Paule Guérin" in given["precisions"]
    assert found[5]["temperature_c"] == "6,5"
    assert found[6]["lieu"] == "Froid, Ferme"


def test_the_table_speaks_french_and_counts_nothing_that_was_refused(barn):
    note = barn.give(barn.enter())
    service.refuse(barn.member, note.id, service.Receipt("Jean", None, "Trop chaud"))
    refused_line = next(each for each in rows(barn) if each["numero"] == note.public_id)
    assert (refused_line["kg"], refused_line["etat"]) == ("0", "refusée")
    [incident] = db.session.scalars(select(Incident))
    assert rows(barn)[-1]["etat"] == "ouvert"
    close_all(load_actor(barn.people["anne"].id), incident.id, Outcome.FIT, "3 °C à cœur.")
    assert rows(barn)[-1]["etat"].startswith("Peut être mangé")


def test_it_is_set_in_type_also_where_there_is_nothing(barn):
    assert pack_papers.pdf(pack(barn)).startswith(b"%PDF-1.7")
    assert pack_papers.pdf(pack(barn, AUGUST, AUGUST)).startswith(b"%PDF-1.7")


def paper(shown):
    """Give the rows of each table of the PDF, each as one text, in French."""
    with speaking("fr"):
        return [["|".join(row) for row in part.rows] for part in pack_papers.lists(shown)]


def test_an_incident_says_when_it_was_closed_by_whom_and_on_which_reading(barn, frozen):
    [incident] = db.session.scalars(select(Incident))
    anne = load_actor(barn.people["anne"].id)
    frozen.move_to(clock.now() + timedelta(minutes=90))
    service.read(anne, incident.resource_id or 0, 31)
    outcomes = {lot.id: Outcome.DESTROYED for lot in queries.lots_at_stake(incident.id)}
    service.close(anne, incident.id, service.Closing("Compresseur réparé.", outcomes))
    row = rows(barn)[-1]
    assert (row["date"], row["heure"], row["date_fin"], row["heure_fin"]) == (
        "2026-09-01", "10:00", "2026-09-01", "11:30",
    )  # fmt: skip
    assert row["clos_par"] == "Anne"
    told = "clos sur le relevé 3,1 °C le mardi 1er septembre 2026 à 11:30 par Anne : assez froid"
    assert told in row["precisions"].replace("\xa0", " ").replace("\u202f", " ")
    lots, _notes, _readings, [line], _kept = paper(pack(barn))
    for words in (
        "01/09/2026 10:00|01/09/2026 11:30 · Anne|Froid, Ferme",
        "Compresseur réparé.",
        "clos sur le relevé",
    ):
        assert words in line
    [cheese] = [each for each in lots if "Fromage" in each]
    assert "Froid, Ferme" in cheese  # where it was before it was destroyed
    assert next(each for each in rows(barn) if each["nature"] == "lot")["lieu"] == "Froid, Ferme"


def test_both_figures_of_a_corrected_alarm_stand_in_the_pack(barn):
    [incident] = db.session.scalars(select(Incident))
    [reading] = incident.readings
    service.correct_reading(load_actor(barn.people["anne"].id), reading.id, 27, "Lu de travers")
    row, line = rows(barn)[-1], paper(pack(barn))[3][0]
    assert row["temperature_c"] == "6,5"
    for told in (row["precisions"], line):
        assert "6,5 °C, corrigé en 2,7 °C" in told.replace("\xa0", " ")
        assert "par Anne" in told
        assert "Lu de travers" in told


def test_an_incident_that_was_only_mistyped_says_so_on_paper_as_in_the_table(barn):
    [incident] = db.session.scalars(select(Incident))
    anne = load_actor(barn.people["anne"].id)
    service.correct_reading(anne, incident.readings[0].id, 27, "Lu de travers")
    service.close_as_mistyped(anne, incident.id)
    assert "Erreur de saisie" in rows(barn)[-1]["etat"]
    assert "|01/09/2026 10:00 · Anne · Erreur de saisie" in paper(pack(barn))[3][0]


def test_a_reading_tells_its_corrections_in_one_sentence_in_the_order_of_time(barn, frozen):
    [incident] = db.session.scalars(select(Incident))
    [reading] = incident.readings
    anne = load_actor(barn.people["anne"].id)
    for act in (
        lambda: service.confirm_reading(anne, reading.id),
        lambda: service.correct_reading(anne, reading.id, 27, "Lu de travers"),
        lambda: service.correct_reading(anne, reading.id, 25, "Relu"),
    ):
        frozen.move_to(clock.now() + timedelta(minutes=10))
        act()
    told = (
        "noté d’abord : 6,5 °C, confirmé le 01/09/2026 10:10, corrigé en 2,7 °C le 01/09/2026 10:20 "
        "(Lu de travers), corrigé en 2,5 °C le 01/09/2026 10:30 (Relu)"
    )
    [line] = [each for each in paper(pack(barn))[2] if "10:30" in each]
    [row] = [each for each in rows(barn) if each["precisions"].endswith("(Relu)")]
    for said in (line, row["precisions"]):
        assert told in said.replace("\xa0", " ").replace("\u202f", " ")


def test_the_paper_says_once_that_it_was_drawn_up(barn):
    with speaking("fr"):
        label, words = pack_papers.about(pack(barn))[-1]
    assert words.startswith("Dressé")
    assert "Dressé" not in label


def test_a_lot_that_was_corrected_says_so_with_what_it_said_before(barn):
    lot = barn.enter(product="Poires", grams=5_000 * KILO)
    right = service.NewLot("Poires", 200 * KILO, Regime.PRODUCE, TODAY, origin="Verger du Don")
    service.correct_lot(barn.farmer, lot.id, right)
    [row] = [each for each in rows(barn) if each["nature"] == "lot" and each["produit"] == "Poires"]
    assert row["kg"] == "200"
    assert "Avant" in row["precisions"]
    assert "poids 5" in row["precisions"]
    [line] = [each for each in paper(pack(barn))[0] if "Poires" in each]
    assert "poids 5" in line


def test_the_paper_says_who_signed_and_why_less_came(barn):
    lot = barn.enter()
    note = barn.give(lot)
    came = service.Receipt("Jean Ours", {lot.id: 90 * KILO}, "Cagettes écrasées")
    service.receive(barn.member, note.id, came)
    [line] = [each for each in paper(pack(barn))[1] if note.public_id in each]
    line = line.replace("\xa0", " ")
    for told in ("Paule Guérin", "Jean Ours", "Cagettes écrasées", "90 kg sur 100 kg donnés"):
        assert told in line


def test_who_runs_a_cold_room_shows_what_it_kept_for_others(barn, frozen):
    room = db.session.scalars(select(Lot.resource_id).where(Lot.resource_id.is_not(None))).one()
    [incident] = db.session.scalars(select(Incident))
    close_all(load_actor(barn.people["anne"].id), incident.id, Outcome.FIT, "3 °C à cœur.")
    new = service.NewLot("Pâté", 9 * KILO, Regime.CHILLED, TODAY, origin="Laiterie", resource_id=room)
    first, second = (service.enter(barn.member, barn.ours.id, new).id for _each in range(2))
    frozen.move_to(clock.now() + timedelta(hours=2))
    service.store(barn.member, first, None)
    shown = pack(barn)
    assert [(each.lot.id, each.until) for each in shown.kept] == [(first, clock.now()), (second, None)]
    assert shown.totals[-1] == 2
    kept = [each for each in rows(barn) if each["nature"] == "garde"]
    assert [(each["de"], each["a"], each["lieu"], each["kg"]) for each in kept] == [
        ("Les Glaneurs", "GAEC des Touches", "Froid, Ferme", "9")
    ] * 2
    assert [each["heure_fin"] for each in kept] == ["12:00", ""]
    assert "Les Glaneurs" in paper(shown)[4][0]
    frozen.move_to(clock.now() + timedelta(days=1))
    tomorrow = pack(barn, TODAY + timedelta(days=1), TODAY + timedelta(days=1))
    assert [each.lot.id for each in tomorrow.kept] == [second]
    theirs = queries.pack_of(queries.checked_period(barn.ours, TODAY, TODAY))
    assert theirs.kept == []


def test_links_end_with_their_organisation(barn):
    secret = service.let_in(barn.member, barn.ours.id, TODAY, TODAY)
    archive(barn, barn.ours)
    with pytest.raises(errors.InspectionOver):
        queries.read_by(secret)


def test_what_is_cut_says_so(barn, monkeypatch):
    monkeypatch.setattr("app.supply.lots.queries.pack.MOST_ROWS", 1)
    cut = pack(barn)
    assert (len(cut.lots), len(cut.notes), cut.is_cut) == (1, 1, True)
    assert pack_words.cut_words(cut)


@pytest.mark.parametrize(("first", "last"), [(TODAY, AUGUST), (AUGUST, TODAY + timedelta(days=1))])
def test_a_period_is_over_and_not_too_long(barn, first, last):
    assert isinstance(refused(queries.checked_period, barn.farm, first, last), errors.BadPeriod)
    assert isinstance(
        refused(queries.checked_period, barn.farm, TODAY - timedelta(days=366), TODAY), errors.BadPeriod
    )


# -- links ----------------------------------------------------------------------------------------------------


def test_a_link_opens_one_period_for_a_while_and_only_its_hash_is_kept(barn):
    secret = service.let_in(barn.farmer, barn.farm.id, AUGUST, TODAY)
    link = queries.read_by(secret)
    assert secret not in (link.secret_hash, link.public_id)
    with clock.stopped(clock.now() + LINK_LIFE):
        assert isinstance(refused(queries.read_by, secret), errors.InspectionOver)
    with clock.stopped(clock.now() + LINK_LIFE + DEAD_LINK_LIFE + timedelta(days=1)):
        service.forget_old()
    assert db.session.scalars(select(InspectionLink)).all() == []


def test_a_link_is_ended_by_its_organisation_and_by_nobody_else(barn):
    secret = service.let_in(barn.farmer, barn.farm.id, AUGUST, TODAY)
    ref = queries.read_by(secret).public_id
    assert isinstance(refused(service.revoke, barn.member, barn.farm.id, ref), errors.NotOurLot)
    assert isinstance(refused(service.revoke, barn.member, barn.ours.id, ref), NotFound)
    service.revoke(barn.farmer, barn.farm.id, ref)
    assert isinstance(refused(queries.read_by, secret), errors.InspectionOver)
    assert isinstance(refused(service.let_in, barn.member, barn.farm.id, TODAY, TODAY), errors.NotOurLot)


def test_links_have_a_number(barn):
    for _each in range(MOST_LINKS):
        service.let_in(barn.farmer, barn.farm.id, TODAY, TODAY)
    error = refused(service.let_in, barn.farmer, barn.farm.id, TODAY, TODAY)
    assert isinstance(error, errors.TooManyInspectionLinks)


# -- pages ----------------------------------------------------------------------------------------------------


ENGLISH = {"Accept-Language": "en"}


def text(answer):
    return " ".join(answer.get_data(as_text=True).split())


def test_an_organisation_prepares_its_pack_and_lets_somebody_in(client, login, barn):
    login(client, barn.people["farm"])
    url = f"/structures/{barn.farm.slug}/controle"
    assert url in text(client.get(f"/structures/{barn.farm.slug}"))
    assert "dossier.pdf?du=2026-08-02&amp;au=2026-09-01" in text(client.get(url))
    assert "Créer un lien vers le dossier du 02/08/2026 au 01/09/2026 inclus" in text(client.get(url))
    assert client.get(f"{url}?du=2026-09-01&au=2026-08-01").status_code == 422
    assert client.get(f"{url}/dossier.pdf?du=2026-08-02&au=2026-09-01").mimetype == "application/pdf"
    assert client.get(f"{url}/dossier.csv").mimetype == "text/csv"
    answer = client.post(f"{url}/liens", data={"first": "2026-08-02", "last": "2026-09-01"})
    assert answer.status_code == 303
    page = text(client.get(url))
    address = page.split('id="made-link" type="text" value="')[1].split('"')[0]
    assert address not in text(client.get(url))  # shown once
    with client.session_transaction() as cookie:
        cookie.clear()
    path = "/controle/" + address.rsplit("/", 1)[1]
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "GAEC des Touches" in text(answer)
    assert "Dressé le mardi 1er septembre 2026 à 10:00" in text(answer).replace("\xa0", " ")
    for kind in ("pdf", "csv"):
        assert client.get(f"{path}/dossier.{kind}").status_code == 200
    assert client.post(path).status_code == 405
    login(client, barn.people["farm"])
    ref = db.session.scalars(select(InspectionLink)).one().public_id
    assert client.post(f"{url}/liens/{ref}/fin").status_code == 303
    ended = client.get(path)
    assert ended.status_code == 410
    for said in (
        "Ce lien ne fonctionne plus",
        "« GAEC des Touches » a mis fin à ce lien, aujourd’hui",
        "Demandez-lui-en un nouveau",
    ):
        assert said in text(ended), said
    assert "a déjà servi" not in text(ended)


def test_a_link_that_expired_says_whom_to_ask_and_one_that_nobody_knows_does_not(client, barn, frozen):
    secret = service.let_in(barn.farmer, barn.farm.id, date(2026, 8, 2), date(2026, 9, 1))
    frozen.tick(days=20)
    answer = client.get(f"/controle/{secret}", headers=ENGLISH)
    assert answer.status_code == 410
    assert "This link expired, Tuesday 15 September" in text(answer)
    assert "Ask “GAEC des Touches” for a new one" in text(answer)
    unknown = client.get("/controle/personne")
    assert (unknown.status_code, "GAEC" in text(unknown)) == (410, False)


def test_others_prepare_nothing(client, login, barn):
    login(client, barn.people["ours"])
    assert client.get(f"/structures/{barn.farm.slug}/controle").status_code == 403
