"""The page of a resource, its week, and the answer about one slot."""

import pytest

from app.availability import holders
from app.availability.closures import Subject, close
from app.availability.holders import Holder
from app.availability.queries import Wish
from app.availability.service import take
from app.catalogue.models import Resource
from app.infra.uow import atomic
from tests.availability.test_examples import STORAGE
from tests.factories import (
    a_manager,
    a_member,
    a_person,
    a_resource,
    a_site,
    a_territory,
    actor_of,
    an_organisation,
    at,
    span,
)
from tests.helpers import HTMX, assert_same_after_swap, count_queries

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def site(session):
    return a_site(
        an_organisation(a_territory(), name="Mairie de Nort"), phone="02 40 12 34 56", name="Pôle de l’Erdre"
    )


@pytest.fixture
def kitchen(site):
    facts = {
        "slug": "cuisine",
        "name": "Cuisine du port",
        "facts": {"meals_per_day": 200, "declaration": "C-123"},
    }
    return a_resource(site, hours="Mo-Sa 07:00-22:00; PH off", buffer_after=45, **facts)


@pytest.fixture
def stations(site):
    return a_resource(site, slug="postes", mode="stations", capacity=4, unit="station", hours="24/7")


@pytest.fixture
def cold(site):
    return a_resource(site, slug="froid", hours="24/7", **STORAGE)


def html(client, url: str, status: int = 200, **headers: str) -> str:
    answer = client.get(url, headers={"Accept-Language": "fr", **headers})
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def slot(client, slug: str, query: str) -> str:
    return html(client, f"/ressources/{slug}/creneau?{query}", 200, **HTMX)


def test_the_page_says_what_it_is_and_whom_to_ask(client, kitchen):
    page = html(client, "/ressources/cuisine")
    for words in (
        "Cuisine du port",
        "Pôle de l’Erdre",
        "02 40 12 34 56",
        "repas/jour",
        "Lundi – samedi",
        "07:00–22:00",
        "Mairie de Nort",
        "Nort-sur-Erdre",
    ):
        assert words in page
    assert f"/agendas/abonnement?scope=resource&amp;id={kitchen.public_id}" in page
    assert 'class="qrline"' in page
    assert "style=" not in page
    assert "C-123" not in page  # for managers only


def test_who_manages_sees_more(client, kitchen, site, login):
    login(client, a_manager(site))
    page = html(client, "/ressources/cuisine")
    assert "C-123" in page
    assert f"/lieux/{site.slug}/gerer" in page


def test_who_manages_another_place_sees_no_more(client, kitchen, site, login):
    login(client, a_manager(a_site(an_organisation(site.owner.territory))))
    page = html(client, "/ressources/cuisine")
    assert "/ressources/cuisine/modifier" not in page
    assert "/lieux/" + site.slug + "/gerer" not in page


def test_the_week_links_free_cells_to_the_request(client, kitchen):
    take([Wish(kitchen.id, span("2026-10-06 08:00", "2026-10-06 12:00"))])
    page = html(client, "/ressources/cuisine?semaine=2026-W41")
    assert "5 – 11 octobre 2026" in page
    assert "/ressources/cuisine/demander?date=2026-10-06&amp;de=13:00&amp;a=14:00" in page
    assert "demander?date=2026-10-06&amp;de=08:00" not in page
    assert "semaine=2026-W40" in page
    assert "semaine=2026-W42" in page
    assert 'class="buffer"' in page


def test_a_visitor_sees_busy_only(client, kitchen, site):
    take([Wish(kitchen.id, span("2026-10-06 08:00", "2026-10-06 12:00"))])
    page = html(client, "/ressources/cuisine?semaine=2026-W41")
    assert 'class="busy" rowspan="8"><span>Pris</span>' in page


@pytest.mark.parametrize("week", ["2026-W99", "abc", "9999-W01", "2026-W00", "2026W41", "0000-W01"])
def test_a_week_that_does_not_exist_is_this_week(client, kitchen, week):
    assert "31 août – 6 septembre 2026" in html(client, f"/ressources/cuisine?semaine={week}")


def test_stays_show_five_weeks_of_days(client, cold):
    take([Wish(cold.id, span("2026-10-05 00:00", "2026-10-08 00:00"), 24)])
    take([Wish(cold.id, span("2026-10-08 00:00", "2026-10-12 00:00"), 10)])
    page = html(client, "/ressources/froid?semaine=2026-W41")
    assert "<b>8</b> <small>14 libres</small>" in page
    assert "demander?date=2026-10-08&amp;fin=2026-10-08" in page
    assert 'class="busy"' in page
    assert "semaine=2026-W46" in page


def test_the_week_survives_the_change_of_clocks(client, stations):
    for week in ("2026-W43", "2027-W12"):
        assert "4/4" in html(client, f"/ressources/postes?semaine={week}")


def test_closures_are_told_with_their_reason(client, kitchen, site):
    closure = span("2026-10-06 00:00", "2026-10-08 00:00")
    close(Subject.of(kitchen), closure, "Réfection du sol", actor_of(a_person()))
    page = html(client, "/ressources/cuisine?semaine=2026-W41")
    assert "Réfection du sol" in page
    assert "Fermé jusqu’au mercredi 7 octobre inclus." in slot(
        client, "cuisine", "date=2026-10-06&de=08:00&a=12:00"
    )


@pytest.mark.parametrize(
    "query, words",
    [
        ("date=2026-10-06&de=13:00&a=16:00", "Libre, avec l’accord du lieu (Mairie de Nort)"),
        ("date=2026-10-06&de=06:30&a=09:00", "Fermé à cette heure : ouvert de 07:00 à 22:00 le mardi."),
        ("date=2026-10-06&de=12:30&a=16:00", "En nettoyage jusqu’à 12:45 : choisissez 13:00 ou plus tard."),
        ("date=2026-10-06&de=09:00&a=12:00", "Déjà pris de 09:00 à 12:00."),
        ("date=2026-10-06&de=13:00&a=13:30", "Trop court : il faut au moins 1 h ici."),
        ("date=2026-10-06&de=07:00&a=22:00", "Trop long : au plus 12 h d’affilée ici."),
        ("date=2026-08-06&de=13:00&a=16:00", "Ce moment est passé."),
        ("date=2027-12-06&de=13:00&a=16:00", "Trop loin : les demandes ouvrent 365 jours avant."),
        ("date=2026-10-06&de=13:10&a=16:00", "choisissez 13:00 ou 13:30"),
        ("date=2026-11-11&de=13:00&a=16:00", "jour férié"),
        ("date=2026-10-06&de=16:00&a=13:00", "La fin doit venir après le début."),
        ("date=2027-03-28&de=02:30&a=05:00", "n’existe pas ce jour-là"),
        ("date=oops&de=02:30&a=05:00", "Cette date n’existe pas."),
        ("date=2026-10-06&de=13:00&a=16:00&quantite=-1", "Indiquez un nombre entier"),
        ("date=2026-10-06&de=13:00&a=16:00&quantite=2", "Ce lieu se réserve en entier : demandez 1."),
        ("", "Choisissez un jour et des heures"),
    ],
)
def test_the_answer_about_a_slot(client, kitchen, query, words):
    take([Wish(kitchen.id, span("2026-10-06 08:00", "2026-10-06 12:00"))])
    assert words in slot(client, "cuisine", query)


def test_a_refusal_offers_other_times_and_similar_places(client, kitchen, site):
    other = a_resource(site, name="Cuisine d’en face", hours="24/7")
    take([Wish(kitchen.id, span("2026-10-06 08:00", "2026-10-06 12:00"))])
    answer = slot(client, "cuisine", "date=2026-10-06&de=12:30&a=16:00")
    assert "Prendre mardi 6 octobre, 13:00–16:00" in answer
    assert "/ressources/cuisine?date=2026-10-06&amp;de=13:00&amp;a=16:30#slot" in answer
    assert "Cuisine d’en face" in answer
    assert f"/ressources/{other.slug}?date=2026-10-06&amp;de=12:30&amp;a=16:00#slot" in answer


def test_the_same_hours_of_another_day_are_offered_in_these_words(client, kitchen):
    take([Wish(kitchen.id, span("2026-10-06 08:00", "2026-10-06 12:00"))])
    answer = slot(client, "cuisine", "date=2026-10-06&de=08:00&a=12:00")
    assert "Au même endroit, aux mêmes heures, un autre jour" in answer
    assert "mercredi 7 octobre, 08:00–12:00" in answer
    assert "/ressources/cuisine?date=2026-10-07&amp;de=08:00&amp;a=12:00#slot" in answer


def test_what_is_free_on_the_chosen_day_is_shown(client, kitchen, stations):
    take([Wish(kitchen.id, span("2026-10-06 10:00", "2026-10-06 12:00"))])
    answer = slot(client, "cuisine", "date=2026-10-06")
    for piece in ("Choisissez les heures", "Libre ce jour-là", "mardi 6 octobre, 07:00–09:15", "12:45–22:00"):
        assert piece in answer
    sunday = slot(client, "cuisine", "date=2026-10-04")
    for piece in ("Rien n’est libre ce jour-là", "Libre ensuite", "lundi 5 octobre, 07:00–22:00"):
        assert piece in sunday
    assert "Rien n’est libre ce jour-là" in slot(client, "cuisine", "date=2026-08-20")
    take([Wish(stations.id, span("2026-10-06 07:00", "2026-10-06 12:00"), 2)])
    answer = slot(client, "postes", "date=2026-10-06&quantite=3")
    assert "date=2026-10-06&amp;de=12:00&amp;a=13:00&amp;quantite=3#slot" in answer


def test_fewer_stations_are_offered(client, stations):
    take([Wish(stations.id, span("2026-10-06 09:00", "2026-10-06 12:00"), 2)])
    take([Wish(stations.id, span("2026-10-06 10:00", "2026-10-06 13:00"), 1)])
    answer = slot(client, "postes", "date=2026-10-06&de=11:00&a=12:00&quantite=2")
    assert "1 poste libre de 11:00 à 12:00." in answer
    assert "Prendre 1 poste" in answer
    assert "quantite=1#slot" in answer


def test_pallets_offer_fewer_now_or_all_later(client, cold):
    take([Wish(cold.id, span("2026-11-01 00:00", "2026-12-01 00:00"), 10)])
    take([Wish(cold.id, span("2026-11-10 00:00", "2026-11-21 00:00"), 8)])
    answer = slot(client, "froid", "date=2026-11-15&fin=2026-11-25&quantite=8")
    assert "6 palettes libres" in answer
    assert "date=2026-11-15&amp;fin=2026-11-25&amp;quantite=6#slot" in answer
    assert "date=2026-11-21&amp;fin=2026-12-01&amp;quantite=8#slot" in answer


def test_a_stay_may_begin_today(client, cold):
    assert "Libre, avec l’accord du lieu" in slot(client, "froid", "date=2026-09-01&fin=2026-09-03")
    assert "Ce jour est passé." in slot(client, "froid", "date=2026-08-31&fin=2026-09-03")


def test_approval_decides_what_a_free_slot_says(client, site, login):
    query = "date=2026-10-06&de=13:00&a=16:00"
    a_resource(site, slug="auto", hours="24/7", approval="auto")
    a_resource(site, slug="membres", hours="24/7", approval="auto_for_members")
    assert "Libre : c’est à vous tout de suite" in slot(client, "auto", query)
    assert "Certaines structures réservent tout de suite" in slot(client, "membres", query)


def test_out_of_order_is_told_and_similar_places_offered(client, site):
    a_resource(site, slug="panne", hours="24/7", status="out_of_order")
    a_resource(site, name="Celle qui marche", hours="24/7")
    answer = slot(client, "panne", "date=2026-10-06&de=13:00&a=16:00")
    assert "Hors service pour le moment" in answer
    assert "Celle qui marche" in answer
    html(client, "/ressources/panne")


def test_what_may_not_be_known_of_is_not_found(client, site, login):
    a_resource(site, slug="cachee", visibility="hidden", hours="24/7")
    a_resource(site, slug="membres", visibility="members", hours="24/7")
    for path in ("cachee", "membres", "rien", "cachee/creneau"):
        html(client, f"/ressources/{path}", status=404)
    login(client, a_member(site.owner))
    html(client, "/ressources/membres")
    html(client, "/ressources/cachee", status=404)
    login(client, a_manager(site))
    html(client, "/ressources/cachee")


def test_what_was_archived_says_so_and_offers_others(client, site):
    a_resource(site, slug="vieille", name="Vieille cuisine", hours="24/7", status="archived")
    a_resource(site, name="Cuisine neuve", hours="24/7")
    page = html(client, "/ressources/vieille")
    assert "Ce n’est plus partagé." in page
    assert "Cuisine neuve" in page
    html(client, "/ressources/vieille/creneau", status=404)


def test_fragments_are_what_a_reload_shows(client, kitchen, cold):
    take([Wish(kitchen.id, span("2026-10-06 08:00", "2026-10-06 12:00"))])
    for slug in ("cuisine", "froid"):
        assert_same_after_swap(client, f"/ressources/{slug}?semaine=2026-W41", target="semaine")
    for query in ("", "date=2026-10-06&de=12:30&a=16:00", "date=2026-10-06&de=13:00&a=16:00"):
        assert_same_after_swap(client, f"/ressources/cuisine/creneau?{query}", target="slot")


def test_the_page_and_the_answer_take_few_statements(client, kitchen):
    take([Wish(kitchen.id, span("2026-10-06 08:00", "2026-10-06 12:00"))])
    html(client, "/ressources/cuisine")
    with count_queries(at_most=8):
        html(client, "/ressources/cuisine?semaine=2026-W41")
    with count_queries(at_most=6):
        slot(client, "cuisine", "date=2026-10-06&de=13:00&a=16:00")
    slot(client, "cuisine", "date=2026-10-06&de=12:30&a=16:00")  # counted as missing, once for each browser
    with count_queries(at_most=10):
        slot(client, "cuisine", "date=2026-10-06&de=12:30&a=16:00")


def test_the_home_page_welcomes(client, kitchen, cold):
    page = html(client, "/")
    assert "Pôle de l’Erdre" in page
    assert 'action="/ressources"' in page
    assert "<svg viewBox" in page
    with count_queries(at_most=4):
        html(client, "/")


def test_the_home_page_of_an_empty_installation(client, session):
    assert "Comment ça marche" in html(client, "/")
    assert "0 ressource" in html(client, "/ressources")


def test_who_has_taken_it_is_told_to_those_who_may_know(client, kitchen, site, login, monkeypatch):
    hold = take([Wish(kitchen.id, span("2026-10-06 08:00", "2026-10-06 12:00"))])

    def names(ids, actor, shows):
        return {hold: Holder("Les Glaneurs" if shows else "", None, "busy")} if hold in ids else {}

    monkeypatch.setattr(holders, "_readers", [names])
    week, query = "/ressources/cuisine?semaine=2026-W41", "date=2026-10-06&de=09:00&a=12:00"
    assert "Les Glaneurs" not in html(client, week) + slot(client, "cuisine", query)
    login(client, a_member(site.owner))
    assert "Les Glaneurs" not in html(client, week) + slot(client, "cuisine", query)
    login(client, a_manager(site))
    assert "Les Glaneurs" in html(client, week)
    with atomic() as session:
        session.get_one(Resource, kitchen.id).shows_holder = True
    login(client, a_member(site.owner))
    assert "Les Glaneurs" in html(client, week)
    assert "Déjà pris de 09:00 à 12:00 par Les Glaneurs." in slot(client, "cuisine", query)


def test_on_a_sunday_the_week_to_come_is_shown(client, kitchen, stations, frozen):
    frozen.move_to(at("2026-09-06 10:00"))  # the kitchen is closed until Monday, the stations never are
    assert "7 – 13 septembre 2026" in html(client, "/ressources/cuisine")
    assert "31 août – 6 septembre 2026" in html(client, "/ressources/postes")
    assert "31 août – 6 septembre 2026" in html(client, "/ressources/cuisine?semaine=2026-W36")
