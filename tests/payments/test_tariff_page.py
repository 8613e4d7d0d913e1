"""The page on which a manager says what a use costs: rows that come and go, nothing lost, versions in plain words."""

import re

import pytest

from app.accounts.models import LegalNature
from app.catalogue import service as catalogue
from app.catalogue.errors import PricedElsewhere
from app.catalogue.models import Resource
from app.catalogue.rules import ResourceFacts
from app.core import clock
from app.core.policy import Actor
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import queries, service
from app.payments.tariffs.as_json import written
from app.payments.tariffs.tariff import Meter, PeakHours, Tariff, TariffLine, Tier, VatRegime, When
from app.web.i18n import speaking
from app.web.words import explain
from tests.factories import (
    a_manager,
    a_member,
    a_resource,
    a_site,
    a_territory,
    actor_of,
    an_organisation,
)
from tests.payments import books

URL = "/ressources/cuisine/tarifs"
HOURLY = Tariff((TariffLine(Meter.HOUR, 1200),), VatRegime.FRANCHISE)
FULL = {
    "lines.0.meter": "hour",
    "lines.0.unit_cents": "12,50",
    "lines.0.label": "Heures pleines",
    "lines.0.when": "peak",
    "lines.0.step_milli": "0,25",
    "lines.0.minimum_milli": "1",
    "lines.1.meter": "hour",
    "lines.1.unit_cents": "8",
    "lines.1.when": "off_peak",
    "lines.2.meter": "km",
    "lines.2.unit_cents": "0,60",
    "lines.2.included_milli": "10",
    "lines.2.tiers.0.above_milli": "100",
    "lines.2.tiers.0.unit_cents": "0,50",
    "peaks.0.weekdays": ["0", "1", "2", "3", "4"],
    "peaks.0.start": "08:00",
    "peaks.0.end": "18:00",
    "coefficients_bp.P1": "40",
    "coefficients_bp.P4": "150",
    "vat_regime": "franchise_293B",
    "note": "Le gaz a augmenté.",
}
READ = Tariff(
    (
        TariffLine(Meter.HOUR, 1250, "Heures pleines", When.PEAK, step_milli=250, minimum_milli=1000),
        TariffLine(Meter.HOUR, 800, when=When.OFF_PEAK),
        TariffLine(Meter.KM, 60, tiers=(Tier(100_000, 50),), included_milli=10_000),
    ),
    VatRegime.FRANCHISE,
    peaks=(PeakHours(480, 1080, frozenset(range(5))),),
    coefficients_bp={"P1": 4000, "P4": 15000},
)


@pytest.fixture
def territory(session, frozen):
    return a_territory()


@pytest.fixture
def site(territory):
    return a_site(an_organisation(territory), slug="pole")


@pytest.fixture
def kitchen(site, territory):
    service.switch_money(Actor(coordinated=frozenset({territory.id})), territory.id, is_on=True)
    return a_resource(site, name="Cuisine", slug="cuisine", price_cents=1200, price_per="hour")


@pytest.fixture
def manager(site, client, login):
    person = a_manager(site, name="Anne Martin")
    login(client, person)
    return actor_of(person, managed_sites=frozenset({site.id}))


def shown(client, url=URL, status=200, **how):
    answer = client.open(url, headers={"Accept-Language": "fr", **how.pop("headers", {})}, **how)
    assert answer.status_code == status
    return " ".join(answer.get_data(as_text=True).replace("\u00a0", " ").replace("\u202f", " ").split())


def post(client, data, status=200, url=URL, **how):
    return shown(client, url, status, method="POST", data=data, **how)


def value_of(page: str, name: str) -> str | None:
    found = re.search(rf'<input[^>]* name="{re.escape(name)}"[^>]*? value="([^"]*)"', page)
    return found and found[1]


def test_without_money_there_is_no_such_page(client, login, site):
    a_resource(site, name="Cuisine", slug="cuisine", price_cents=1200)
    login(client, a_manager(site))
    shown(client, status=404)
    post(client, FULL, 404)
    post(client, {}, 404, url=f"{URL}/gratuit")
    for page in ("/lieux/pole/gerer", "/ressources/cuisine/modifier"):
        assert "tarif" not in shown(client, page).lower()


def test_only_who_answers_for_the_place_sees_it(client, login, kitchen, territory):
    login(client, a_member(an_organisation(territory)))
    shown(client, status=403)


def _said(owner, regime):
    keeper = Actor(memberships={owner.id: "treasurer"})
    service.say_terms(keeper, owner.id, service.Terms("Pôle", "1 rue du Four", (), vat_regime=regime))


def test_a_regime_that_contradicts_what_is_said_is_told_before_an_invoice_is_refused(
    client, kitchen, site, manager
):
    _said(site.owner, VatRegime.FRANCHISE)
    looked = post(client, FULL | {"look": "1", "vat_regime": "standard", "vat_bp": "20"})
    assert "Aucune facture ne pourrait être émise" in looked
    store = a_resource(site, name="Chambre froide", slug="froid")
    standard = Tariff((TariffLine(Meter.DAY, 500),), VatRegime.STANDARD, 2000)
    service.publish_tariff(manager, store.id, standard)
    post(client, FULL, 303)
    page = shown(client)
    assert "Régimes de TVA qui se contredisent" in page
    assert 'href="/ressources/froid/tarifs"' in page
    assert 'href="/ressources/cuisine/tarifs">Cuisine' not in page, "it agrees"
    assert "Aucune facture ne pourrait" not in page
    _said(site.owner, "")
    assert 'href="/ressources/froid/tarifs"' in shown(client), "one seller cannot charge under both"
    _said(site.owner, VatRegime.STANDARD)
    assert 'href="/ressources/cuisine/tarifs">Cuisine' in shown(client)


def test_a_public_body_has_no_regime_to_contradict(client, kitchen, site, manager):
    with atomic():
        site.owner.legal_nature = LegalNature.PUBLIC
    _said(site.owner, VatRegime.STANDARD)
    post(client, FULL, 303)
    assert "Régimes de TVA" not in shown(client)


def test_a_first_tariff_begins_with_the_price_that_was_shown(client, kitchen, manager):
    page = shown(client)
    assert "Il n’y a pas encore de tarif" in page
    assert value_of(page, "lines.0.unit_cents") == "12,00"
    assert 'name="vat_regime" value="franchise_293B" checked' not in page


def test_all_of_a_tariff_can_be_said(client, kitchen, manager):
    kitchen_id = kitchen.id
    post(client, FULL, 303)
    version = books.find_tariff(kitchen_id, clock.now())
    assert version is not None
    assert (version.tariff, version.note) == (READ, "Le gaz a augmenté.")
    page = shown(client)
    for words in (
        "12,50 € l’heure", "Heures pleines", "arrondi au multiple supérieur de 0,25 h", "au moins 1 h",
        "0,60 € le kilomètre parcouru", "10 km inclus", "au-delà de 100 km : 0,50 € le kilomètre parcouru",
        "lundi, mardi, mercredi, jeudi, vendredi, de 08:00 à 18:00", "40 % du prix", "150 % du prix",
        "article 293 B", "Version 1", "Anne Martin", "Le gaz a augmenté.",
    ):  # fmt: skip
        assert words in page, words
    assert value_of(page, "lines.0.unit_cents") == "12,50"
    assert value_of(page, "lines.2.tiers.0.above_milli") == "100"


def test_what_is_shown_when_it_is_opened_again_is_the_same_tariff(client, kitchen, manager):
    service.publish_tariff(manager, kitchen.id, READ)
    page = shown(client)
    fields = re.findall(r'<input[^>]* name="([^"]+)" type="(?:text|date)" value="([^"]*)"', page)
    selects = re.findall(r'<select id="[^"]*" name="([^"]+)">.*?<option value="([^"]*)" selected', page)
    ticked = re.findall(r'<input type="(?:checkbox|radio)"[^>]* name="([^"]+)" value="([^"]+)" checked', page)
    data: dict[str, list[str]] = {}
    for name, value in [*fields, *selects, *ticked]:
        if name not in ("starts_on", "note"):
            data.setdefault(name, []).append(value)
    post(client, data, 303)
    again = books.find_tariff(kitchen.id, clock.now())
    assert again is not None
    assert (again.number, again.terms) == (2, written(READ))


@pytest.mark.parametrize(
    ("button", "there", "gone"),
    [
        ("lines.add", "lines.3.unit_cents", None),
        ("lines.1.remove", None, "lines.2.unit_cents"),
        ("lines.2.tiers.add", "lines.2.tiers.1.above_milli", None),
        ("lines.2.tiers.0.remove", None, "lines.2.tiers.0.above_milli"),
        ("peaks.add", "peaks.1.start", None),
        ("peaks.0.remove", None, "peaks.0.start"),
        ("lines.99.remove", None, None),
        ("lines.00010000.remove", None, None),
        ("lines.00010000.tiers.0.remove", None, None),
        ("nonsense", None, None),
    ],
)
def test_rows_come_and_go_and_what_was_typed_stays(client, kitchen, manager, button, there, gone):
    page = post(client, FULL | {"row": button, "lines.0.unit_cents": "douze"})
    assert value_of(page, "lines.0.unit_cents") == "douze"
    assert value_of(page, "note") == "Le gaz a augmenté."
    assert value_of(page, "coefficients_bp.P1") == "40"
    assert there is None or f'name="{there}"' in page
    assert gone is None or f'name="{gone}"' not in page
    assert queries.versions_of(kitchen.id) == []


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"vat_regime": ""}, "vat_regime", "Dites sous quel régime de TVA"),
        ({"vat_regime": "standard"}, "vat_bp", "Indiquez un nombre de 0,01 à 100"),
        ({"vat_bp": "20"}, "vat_bp", "TVA"),
        ({"lines.0.unit_cents": ""}, "lines.0.unit_cents", "Indiquez un prix, 0"),
        ({"lines.0.unit_cents": "douze"}, "lines.0.unit_cents", "Indiquez un nombre, par exemple 12 ou 1,5."),
        ({"lines.0.unit_cents": "12,505"}, "lines.0.unit_cents", "deux décimales"),
        ({"lines.0.unit_cents": "-1"}, "lines.0.unit_cents", "de 0,00 € à 100 000,00 €"),
        ({"lines.0.meter": "mile"}, "lines.0.meter", "Choisissez une valeur de la liste."),
        ({"lines.2.when": "peak"}, "lines.2.when", "heures"),
        ({"lines.2.tiers.0.above_milli": ""}, "lines.2.tiers.0.above_milli", "au-delà de quelle quantité"),
        ({"lines.1.when": "peak"}, "lines", "Seules certaines heures ont un prix"),
        ({"peaks.0.weekdays": []}, "peaks.0.weekdays", "Cochez les jours"),
        ({"peaks.0.start": "19:00"}, "peaks.0.end", "avant de finir"),
        ({"coefficients_bp.P1": "5000"}, "coefficients_bp.P1", "Indiquez un nombre de 0 à 1 000"),
        ({"starts_on": "2026-08-31"}, "starts_on", "à partir d’aujourd’hui"),
        ({"starts_on": "2036-08-31"}, "starts_on", "trop loin"),
        ({"starts_on": "demain"}, "starts_on", "Indiquez un jour"),
        ({"note": "é" * 600}, "note", "500"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    client, kitchen, manager, changed, field, sentence
):
    page = post(client, FULL | changed, 422)
    assert re.search(rf'<a href="#f-{re.escape(field)}">[^<]*{re.escape(sentence)}', page), re.findall(
        r'<a href="#f-[^<]*', page
    )
    assert f'id="f-{field}"' in page
    assert value_of(page, "lines.0.label") == "Heures pleines"
    assert queries.versions_of(kitchen.id) == []


def test_everything_that_is_wrong_is_said_at_once(client, kitchen, manager):
    page = post(client, FULL | {"lines.0.step_milli": "-1", "lines.1.unit_cents": "-1", "vat_bp": "20"}, 422)
    assert "3 points à corriger" in page or page.count('<a href="#f-') == 3


def test_a_version_for_later_waits_for_its_day(client, kitchen, manager, frozen):
    kitchen_id = kitchen.id
    service.publish_tariff(manager, kitchen_id, HOURLY)
    post(client, FULL | {"starts_on": "2026-10-01"}, 303)
    found = books.find_tariff(kitchen_id, clock.now())
    assert found is not None
    assert found.tariff == HOURLY
    page = shown(client)
    later = page[page.index('id="later"') :]
    assert "jeudi 1er octobre 2026" in later
    service.publish_tariff(manager, kitchen_id, HOURLY)
    page = shown(client)
    assert 'id="later"' not in page
    assert "Elle a été remplacée avant de commencer." in page


def test_free_of_charge_is_an_act_of_its_own(client, kitchen, manager):
    kitchen_id = kitchen.id
    service.publish_tariff(manager, kitchen_id, HOURLY)
    page = post(client, {"starts_on": "2026-01-01"}, 422, url=f"{URL}/gratuit")
    assert "à partir d’aujourd’hui" in page
    post(client, {"note": "Décision du conseil"}, 303, url=f"{URL}/gratuit")
    found = books.find_tariff(kitchen_id, clock.now())
    assert found is not None
    assert (found.terms, found.note) == (None, "Décision du conseil")
    assert db.session.get_one(Resource, kitchen_id).price_cents == 0


@pytest.mark.parametrize("look", [True, False])
def test_some_uses_show_what_it_comes_to(client, kitchen, manager, look):
    htmx = {} if look else {"HX-Request": "true"}
    page = post(client, FULL | {"look": "1"}, headers=htmx)
    assert ("<html" in page) is look
    table = page[page.index("<table") :]
    # 8 h in peak hours at 12.50 and 40 km (of 50) at 0.60: 124.00; at 40 % 49.60.
    row = re.search(r'<td data-label="Usage">8 h, 50 km</td>(.*?)</tr>', table)
    assert row is not None
    assert re.findall(r">([\d,]+ €)<", row[1]) == ["124,00 €", "49,60 €", "186,00 €"]


def test_no_example_is_one_that_would_be_refused(client, kitchen, manager):
    with atomic():
        kitchen.min_minutes, kitchen.max_minutes = 120, 240
    page = post(client, FULL | {"look": "1"})
    table = page[page.index("<table") : page.index("</table")]
    assert re.findall(r'<td data-label="Usage">(.*?)</td>', table) == [
        "2 h, en heures pleines, 50 km",
        "2 h, en heures creuses, 50 km",
        "4 h, 50 km",
    ]


def test_land_that_is_lent_for_use_stays_free(client, site, kitchen, manager):
    a_resource(site, name="Champ", slug="champ", kind="land", facts={"tenure": "loan_for_use"})
    page = post(client, FULL, 422, url="/ressources/champ/tarifs")
    assert "prêt à usage" in page
    assert value_of(page, "lines.0.label") == "Heures pleines"


def test_cards_show_what_the_tariff_says(client, kitchen, manager, frozen):
    post(client, FULL, 303)
    found = db.session.get_one(Resource, kitchen.id)
    assert (found.price_cents, found.price_per) == (800, "hour")
    assert "dès 8,00 € l’heure" in shown(client, "/ressources/cuisine"), "the lowest of both, and said so"
    assert 'href="/ressources/cuisine/tarifs"' in shown(client, "/lieux/pole/gerer")
    page = shown(client, "/ressources/cuisine/modifier")
    assert 'href="/ressources/cuisine/tarifs"' in page
    assert "Ce que cela coûte est dit par son tarif" in page
    assert "Le tarif de « Cuisine » a été modifié." in shown(client, "/lieux/pole/gerer")


def test_a_price_typed_where_a_tariff_says_it_meanwhile_is_refused(client, kitchen, manager):
    service.publish_tariff(manager, kitchen.id, HOURLY)
    facts = {name: getattr(kitchen, name) for name in ResourceFacts.__dataclass_fields__}
    with pytest.raises(PricedElsewhere) as refused:
        catalogue.edit_resource(manager, kitchen, ResourceFacts(**facts | {"price_cents": 700}))
    with speaking("fr"):
        assert "sous « Tarif »" in explain(refused.value).replace("\u00a0", " ")
    assert catalogue.edit_resource(manager, kitchen, ResourceFacts(**facts | {"name": "Autre"}))


def test_the_price_of_a_later_tariff_is_shown_on_its_day(client, kitchen, manager, frozen):
    service.publish_tariff(manager, kitchen.id, READ, starts_at=clock.now().replace(month=10))
    service.show_prices([kitchen.id])
    assert db.session.get_one(Resource, kitchen.id).price_cents == 1200
    frozen.tick(days=31)
    service.show_prices([kitchen.id])
    assert db.session.get_one(Resource, kitchen.id).price_cents == 800


def test_a_vehicle_with_a_tariff_keeps_what_its_kilometres_cost(client, site, kitchen, manager):
    van = a_resource(site, name="Camion", slug="camion", kind="vehicle", facts={"price_per_km": 45})
    van_id = van.id
    assert value_of(shown(client, "/ressources/camion/tarifs"), "lines.0.unit_cents") == "0,45"
    assert 'name="fact_price_per_km"' in shown(client, "/ressources/camion/modifier")
    service.publish_tariff(manager, van_id, READ)
    form = shown(client, "/ressources/camion/modifier")
    assert 'name="fact_price_per_km"' not in form
    found = db.session.get_one(Resource, van_id)
    assert (found.price_cents, found.facts["price_per_km"], found.facts["price_from"]) == (800, 60, True)
    assert value_of(form, "price_cents") == "8,00"
    facts = ResourceFacts(kind="vehicle", name="Camion blanc", price_cents=800, facts={"price_per_km": 99})
    catalogue.edit_resource(manager, found, facts)
    assert (found.name, found.price_cents) == ("Camion blanc", 800)
    assert (found.facts["price_per_km"], found.facts["price_from"]) == (60, True)
