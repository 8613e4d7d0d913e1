"""The pages of accounts: who sees them, what they say, and what they let a payee do."""

import re

import pytest
from sqlalchemy import select

from app.accounts.errors import NamesThemself
from app.accounts.models import LegalNature, Role
from app.accounts.queries import find_membership, load_actor
from app.accounts.service import add_member
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor
from app.infra.audit import history
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service, subjects
from app.payments.books import lines
from app.payments.books.postings import Method, Pair
from app.payments.models import Charge, PayeeTerms, Payment
from app.payments.queries import balances
from app.payments.subjects import Subject
from app.payments.tariffs.tariff import Meter, Tariff, TariffLine, VatRegime
from tests.factories import a_coordinator, a_member, a_resource, a_site, a_territory, an_organisation
from tests.payments.books import Town, pay, sound

IBAN = "FR7630006000011234567890189"
PAYFIP_PAGE = "https://www.payfip.gouv.fr/tpa/accueilportail.web"


@pytest.fixture
def town(session, frozen):
    made = Town("cuisine", "glaneurs", "mairie")
    service.switch_money(Actor(coordinated=frozenset({made.territory_id})), made.territory_id, is_on=True)
    with atomic():
        made.named["mairie"].legal_nature = LegalNature.PUBLIC
        for name, given in (
            ("cuisine", "Cuisine du Don"),
            ("glaneurs", "Les Glaneurs"),
            ("mairie", "Mairie"),
        ):
            made.named[name].name, made.named[name].slug = given, name
    return made


@pytest.fixture
def sign_in(client, login, town):
    """Come in as a treasurer of one of them."""

    def come(name, role=Role.TREASURER):
        login(client, a_member(town.named[name], role=role))

    return come


def terms(town, payee="cuisine", **facts):
    given = {"legal_name": "Cuisine du Don", "address": "1 rue du Four", "iban": IBAN, "bic": "AGRIFRPP"}
    typed = service.Terms(**({"methods": (Method.TRANSFER, Method.CHEQUE)} | given | facts))
    service.say_terms(Actor(memberships={town.ids[payee]: "treasurer"}), town.ids[payee], typed)


def kept(town) -> PayeeTerms:
    db.session.expire_all()
    found = db.session.get(PayeeTerms, town.ids["cuisine"])
    assert found is not None
    return found


def plain(answer):
    return answer.text.replace("\u202f", " ").replace("\u00a0", " ")


def test_nothing_of_it_is_there_while_money_is_off(town, client, sign_in):
    town.owes("glaneurs", "cuisine", 1000)
    coordination = Actor(coordinated=frozenset({town.territory_id}))
    service.switch_money(coordination, town.territory_id, is_on=False)
    sign_in("glaneurs")
    for end in (
        "",
        "/reception",
        "/export/csv",
        "/avec/cuisine",
        "/avec/cuisine/payer",
        "/avec/cuisine/payer/code.svg",
    ):
        assert client.get(f"/structures/glaneurs/comptes{end}").status_code == 404
    assert "comptes" not in client.get("/structures/glaneurs").text


def test_accounts_are_for_those_who_keep_them(town, client, sign_in):
    town.owes("glaneurs", "cuisine", 1000)
    sign_in("glaneurs", Role.MEMBER)
    assert client.get("/structures/glaneurs/comptes").status_code == 403
    assert "comptes" not in client.get("/structures/glaneurs").text
    sign_in("glaneurs")
    assert "/structures/glaneurs/comptes" in client.get("/structures/glaneurs").text
    refused = client.get("/structures/cuisine/comptes")
    assert refused.status_code == 403
    assert "Demandez à l’une des personnes responsables" in plain(refused)
    assert client.get("/structures/glaneurs/comptes/avec/mairie").status_code == 404  # nothing between them


def test_what_is_owed_by_whom_since_when(town, client, sign_in, frozen):
    town.owes("glaneurs", "cuisine", 1000)
    frozen.tick(days=3)
    town.owes("glaneurs", "cuisine", 250)
    town.owes("cuisine", "mairie", 700)
    sign_in("cuisine")
    shown = plain(client.get("/structures/cuisine/comptes"))
    assert "Les Glaneurs" in shown
    assert "12,50 €" in shown
    assert "mardi 1er septembre 2026" in shown
    assert "-7,00 €" in shown
    assert plain(client.get("/structures/cuisine/comptes?annee=2025")).count("Aucun mouvement") == 1
    export = client.get("/structures/cuisine/comptes/export/fec?annee=2026")
    assert export.headers["Content-Disposition"] == 'attachment; filename="cuisine-2026-fec.txt"'
    assert "706000" in export.text
    assert "TVA" not in client.get("/structures/cuisine/comptes").text
    terms(town, siret="73282932000074")
    export = client.get("/structures/cuisine/comptes/export/fec?annee=2026")
    assert "732829320FEC20261231.txt" in export.headers["Content-Disposition"]
    assert client.get("/structures/cuisine/comptes/export/word").status_code == 404


def test_the_room_that_charged_names_it(town, client, sign_in, monkeypatch):
    due = town.owes("glaneurs", "cuisine", 1000)
    ref = db.session.scalars(select(Charge.subject_ref).filter_by(id=due.charge_id)).one()
    named = {ref: subjects.Subject(f"Cuisine {ref}", "/reservations/R")}
    monkeypatch.setitem(subjects._namers, "booking", lambda _refs: named)
    sign_in("cuisine")
    shown = client.get("/structures/cuisine/comptes").text
    assert f'<a href="/reservations/R">Cuisine {ref}</a>' in shown


def test_a_name_too_long_for_the_code_leaves_the_words(town, client, sign_in):
    town.owes("glaneurs", "cuisine", 1000)
    terms(town, holder="🥕" * 70)
    sign_in("glaneurs")
    page = "/structures/glaneurs/comptes/avec/cuisine/payer"
    assert "FR76 3000 6000 0112 3456 7890 189" in plain(client.get(page))
    assert client.get(f"{page}/code.svg").status_code == 404


def test_how_to_pay(town, client, sign_in):
    due = town.owes("glaneurs", "cuisine", 1000)
    town.owes("glaneurs", "cuisine", 250)
    sign_in("glaneurs")
    page = "/structures/glaneurs/comptes/avec/cuisine/payer"
    assert "n’a pas dit comment la payer" in client.get(page).text
    terms(town, note="Demander Rozenn")
    shown = plain(client.get(page))
    assert "12,50 €" in shown
    assert "FR76 3000 6000 0112 3456 7890 189" in shown
    assert f"MUT {town.named['glaneurs'].public_id}" in shown
    assert "1 rue du Four" in shown
    assert "Demander Rozenn" in shown
    assert "en ligne" not in shown
    alone = plain(client.get(f"{page}?du={due.public_id}"))
    assert "10,00 €" in alone
    assert f"MUT {due.public_id}" in alone
    code = client.get(f"{page}/code.svg?du={due.public_id}")
    assert (code.status_code, code.mimetype) == (200, "image/svg+xml")
    assert client.get(f"{page}?du=AAAAAAAAAAAA").status_code == 404
    for act in ("en-ligne", "fermer"):
        assert client.post(f"{page}/{act}").status_code == 404  # there is no Stripe here


def test_a_public_body_pays_and_is_paid_in_its_own_ways(town, client, sign_in):
    town.owes("mairie", "cuisine", 1000)
    town.owes("glaneurs", "mairie", 500)
    sign_in("mairie")
    assert "mandat administratif" in client.get("/structures/mairie/comptes/avec/cuisine/payer").text
    form = client.get("/structures/mairie/comptes/reception").text
    assert "Trésor public" in form
    assert 'value="cash"' not in form
    sent = {"legal_name": "Mairie", "methods": ["payfip"], "payfip_url": PAYFIP_PAGE}
    assert client.post("/structures/mairie/comptes/reception", data=sent).status_code == 303
    sign_in("glaneurs")
    paying = client.get("/structures/glaneurs/comptes/avec/mairie/payer").text
    assert PAYFIP_PAGE in paying
    assert "comptable public" in paying, "who gives the receipt"
    assert 'value="mandat"' not in paying, "only public bodies pay by mandat"
    assert 'value="payfip"' not in client.get("/structures/glaneurs/comptes/reception").text


def test_the_link_to_payfip_is_for_who_pays_a_public_body_and_nobody_else(town, client, sign_in):
    """Also where its terms were said before it was something else, or by a way that does not look at them."""
    town.owes("glaneurs", "mairie", 500)
    town.owes("glaneurs", "cuisine", 500)
    town.owes("mairie", "cuisine", 700)
    for payee in ("mairie", "cuisine"):
        terms(town, payee, methods=(Method.PAYFIP, Method.CHEQUE), payfip_url=PAYFIP_PAGE)
    shown = {}
    for payer, payee in (("glaneurs", "mairie"), ("glaneurs", "cuisine"), ("mairie", "cuisine")):
        sign_in(payer)
        for end in ("", "/payer"):
            page = client.get(f"/structures/{payer}/comptes/avec/{payee}{end}")
            assert page.status_code == 200
            shown[payer, payee, end] = PAYFIP_PAGE in page.text
    assert [where for where, is_there in shown.items() if is_there] == [("glaneurs", "mairie", "/payer")]
    with atomic():
        town.named["mairie"].legal_nature = LegalNature.NONPROFIT
    sign_in("glaneurs")
    assert PAYFIP_PAGE not in client.get("/structures/glaneurs/comptes/avec/mairie/payer").text


def test_a_public_body_is_not_told_to_pay_in_cash(town, client, sign_in):
    town.owes("mairie", "cuisine", 700)
    town.owes("glaneurs", "cuisine", 500)
    terms(town, methods=(Method.CASH, Method.CHEQUE))
    told = {}
    for payer in ("mairie", "glaneurs"):
        sign_in(payer)
        told[payer] = "En espèces" in client.get(f"/structures/{payer}/comptes/avec/cuisine/payer").text
    assert told == {"mairie": False, "glaneurs": True}


def test_what_is_refused_is_not_offered(town, client, sign_in):
    town.owes("glaneurs", "mairie", 500)
    town.owes("mairie", "cuisine", 500)
    offered = {
        ("mairie", "glaneurs"): {"transfer", "cheque", "payfip"},
        ("cuisine", "mairie"): {"transfer", "cheque", "mandat"},
    }
    for (payee, payer), ways in offered.items():
        sign_in(payee)
        form = client.get(f"/structures/{payee}/comptes/avec/{payer}").text
        assert {*re.findall(r'<option[^>]* value="(\w+)"', form)} & {*Method} == ways
    sign_in("mairie")
    came = {"amount": "5", "day": "2026-08-31", "method": "cash"}
    assert client.post("/structures/mairie/comptes/avec/glaneurs/recu", data=came).status_code == 422
    came |= {"payer": "glaneurs", "method": "mandat"}
    refused = client.post("/structures/mairie/comptes/avance", data=came)
    assert refused.status_code == 422
    assert "ne peut pas payer ainsi" in refused.text
    assert (
        client.post("/structures/mairie/comptes/avance", data=came | {"method": "cheque"}).status_code == 303
    )
    assert "comptable public" not in client.get("/structures/mairie/comptes/avec/glaneurs").text
    ref = db.session.scalars(select(Payment)).one().public_id
    assert "votre comptable public" in client.get(f"/structures/mairie/comptes/paiements/{ref}").text
    sign_in("glaneurs")
    assert "comptable public" in client.get("/structures/glaneurs/comptes/avec/mairie").text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"iban": "FR76 3000 6000 0112 3456 7890 188"}, "Ce n’est pas un IBAN"),
        ({"iban": ""}, "indiquez votre IBAN"),
        ({"bic": "AGRI"}, "Ce n’est pas un BIC"),
        ({"siret": "12345678901234"}, "Ce n’est pas un SIRET"),
        ({"legal_name": ""}, "Indiquez le nom"),
        ({"payfip_url": "https://payfip.example/"}, "Ce n’est pas une page PayFiP"),
        ({"methods": ["magic"]}, "Comment on vous paie"),
    ],
)
def test_terms_that_cannot_be_lose_nothing_that_was_typed(town, client, sign_in, typed, words):
    sign_in("cuisine")
    right = {
        "legal_name": "Cuisine du Don", "methods": ["transfer"], "iban": "FR76 3000 6000 0112 3456 7890 189",
        "bic": "AGRIFRPP", "siret": "732 829 320 00074", "note": "Le mardi",
    }  # fmt: skip
    refused = client.post("/structures/cuisine/comptes/reception", data=right | typed)
    assert refused.status_code == 422
    assert words in plain(refused)
    assert "Le mardi" in refused.text
    assert client.post("/structures/cuisine/comptes/reception", data=right).status_code == 303
    now = kept(town)
    assert (now.iban, now.siret, now.methods) == (IBAN, "73282932000074", ["transfer"])
    form = client.get("/structures/cuisine/comptes/reception").text
    assert "FR76 … 189" in form
    assert IBAN not in form.replace(" ", "")
    client.post("/structures/cuisine/comptes/reception", data=right | {"iban": ""})
    assert kept(town).iban == IBAN
    acts = [line.act for line in history("organisation", town.ids["cuisine"])]
    assert acts == ["iban_changed", "payee_terms"]


def test_all_that_is_wrong_with_terms_is_told_at_once(town, client, sign_in):
    sign_in("cuisine")
    typed = {
        "legal_name": "", "methods": ["transfer", "cheque"], "iban": "FR76", "bic": "AGRI", "siret": "1234",
        "contact_email": "personne",
    }  # fmt: skip
    refused = client.post("/structures/cuisine/comptes/reception", data=typed)
    assert refused.status_code == 422
    for words in (
        "Indiquez le nom", "Ce n’est pas un IBAN", "Ce n’est pas un BIC", "Ce n’est pas un SIRET", "indiquez l’adresse où l’envoyer",
        "adresse de courriel",
    ):  # fmt: skip
        assert words in plain(refused), words


def test_saying_a_regime_of_vat_tells_the_tariffs_that_contradict_it(town, client, sign_in):
    sign_in("cuisine")
    standard = Tariff((TariffLine(Meter.HOUR, 1200),), VatRegime.STANDARD, 2000)
    room = a_resource(a_site(town.named["cuisine"], slug="pole"), name="Salle", slug="salle")
    service.publish_tariff(Actor(is_platform_admin=True), room.id, standard)
    sent = {"legal_name": "Cuisine", "vat_regime": "franchise_293B"}
    told = client.post("/structures/cuisine/comptes/reception", data=sent, follow_redirects=True)
    assert "Régimes de TVA qui se contredisent" in plain(told)
    assert 'href="/ressources/salle">Salle' in told.text, "a treasurer sets no tariff"
    assert "Enregistré" in told.text
    good = sent | {"vat_regime": "standard", "vat_number": "FR44732829320"}
    told = client.post("/structures/cuisine/comptes/reception", data=good, follow_redirects=True)
    assert "qui se contredisent" not in told.text


def note(client, amount, **more):
    data = {"amount": amount, "method": "transfer", "day": "2026-08-31", "once": f"once-{amount}", **more}
    return client.post("/structures/cuisine/comptes/avec/glaneurs/recu", data=data, follow_redirects=True)


def test_noting_what_came(town, client, sign_in):
    due = town.owes("glaneurs", "cuisine", 1000)
    sign_in("cuisine")
    assert 'value="10,00"' in client.get("/structures/cuisine/comptes/avec/glaneurs").text
    for _twice in range(2):
        assert "Il reste 6,00 € à payer" in plain(note(client, "4,00", reference="VIR 123"))
    db.session.expire_all()
    assert [line.act for line in history("organisation", town.ids["cuisine"])] == ["payment_noted"]
    assert due.owed_cents == 600
    assert "7,50 € dépassent ce qui était dû" in plain(note(client, "13,50"))
    paid = db.session.scalars(select(Payment).order_by(Payment.id)).all()
    assert [row.cents for row in paid] == [400, 1350]
    assert paid[0].facts["reference"] == "VIR 123"
    town.owes("glaneurs", "cuisine", 500)
    ref = paid[1].public_id
    page = f"/structures/cuisine/comptes/paiements/{ref}"
    assert "5,00 € sont dus" in plain(client.get(page))
    client.post(f"{page}/affecter")
    back = {"amount": "2,50", "why": "Trop versé", "once": "back"}
    for _twice in range(2):
        assert client.post(f"{page}/rendre", data=back).status_code == 303
    assert {
        account.value: cents for (_, account), cents in balances(town.ids["cuisine"]).items() if cents
    } == {
        "cash": 1500,
        "income": -1500,
    }
    assert sound()


def test_one_of_several_is_paid(town, client, sign_in):
    first, second = town.owes("glaneurs", "cuisine", 1000), town.owes("glaneurs", "cuisine", 400)
    sign_in("cuisine")
    note(client, "5,00", what=second.public_id)
    db.session.expire_all()
    assert (first.owed_cents, second.owed_cents) == (900, 0)
    assert sound()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"amount": "dix"}, "Indiquez un montant"),
        ({"amount": "0"}, "Indiquez un montant"),
        ({"amount": "1,005"}, "Indiquez un montant"),
        ({"day": ""}, "Choisissez le jour"),
        ({"day": "1789-07-14"}, "depuis 2020"),
        ({"what": "nope"}, "Objet"),
    ],
)
def test_what_cannot_be_noted_is_said(town, client, sign_in, typed, words):
    town.owes("glaneurs", "cuisine", 1000)
    sign_in("cuisine")
    refused = note(client, **({"amount": "4,00", "reference": "VIR 123"} | typed))
    assert refused.status_code == 422
    assert "VIR 123" in refused.text
    assert words in plain(refused) or words == "Objet"
    assert db.session.scalars(select(Payment)).all() == []


def test_who_gives_back_reads_where_a_gesture_is_made(town, client, sign_in, monkeypatch):
    town.owes("glaneurs", "cuisine", 1000)
    sign_in("cuisine")
    note(client, "10,00")
    page = f"/structures/cuisine/comptes/paiements/{db.session.scalars(select(Payment)).one().public_id}"
    assert "Pour un geste" not in client.get(page).text, "nothing has a page of its own"
    named = Subject("Cuisine", "/reservations/X/couts")
    monkeypatch.setattr(lines, "subjects_of", lambda charges: {each.id: named for each in charges})
    shown = client.get(page).text
    assert "Pour un geste" in shown
    assert '<a href="/reservations/X/couts">Cuisine</a>' in shown


def test_a_mistake_is_taken_back_with_its_reason(town, client, sign_in):
    due = town.owes("glaneurs", "cuisine", 1000)
    sign_in("cuisine")
    note(client, "10,00")
    page = f"/structures/cuisine/comptes/paiements/{db.session.scalars(select(Payment)).one().public_id}"
    assert client.post(f"{page}/annuler", data={"reason": " "}).status_code == 422
    for _twice in range(2):
        client.post(f"{page}/annuler", data={"reason": "C’était pour un autre"})
    db.session.expire_all()
    assert due.owed_cents == 1000
    shown = plain(client.get("/structures/cuisine/comptes"))
    assert "noté par erreur : C’était pour un autre" in shown
    assert "<s>" in shown
    assert "<h3>Ce qui a été payé</h3>" in shown
    shown = plain(client.get(page))
    assert "Annulé le mardi 1er septembre 2026 par : " in shown
    assert "C’était pour un autre" in shown
    assert "Il ne reste rien" not in shown
    assert "Remboursé</dt><dd>0,00 €" in shown
    assert [line.act for line in history("organisation", town.ids["cuisine"])] == [
        "payment_noted",
        "payment_undone",
    ]
    too_much = client.post(f"{page}/rendre", data={"amount": "1", "once": "x"})
    assert too_much.status_code == 422
    sign_in("glaneurs")
    other = page.replace("cuisine", "glaneurs")
    shown = plain(client.get(other))
    assert "Annulé le mardi 1er septembre 2026" in shown
    assert "annuler" not in shown
    assert client.post(f"{other}/annuler", data={"reason": "x"}).status_code == 404
    assert client.get(page.replace("cuisine", "mairie")).status_code in (403, 404)
    assert sound()


def test_why_something_was_taken_back_is_read_by_both_sides(town, client, sign_in):
    due = town.owes("glaneurs", "cuisine", 1000)
    service.credit("c1", due.charge_id, "Le four est tombé en panne", 400)
    for name, other in (("glaneurs", "cuisine"), ("cuisine", "glaneurs")):
        sign_in(name)
        for page in (f"/structures/{name}/comptes", f"/structures/{name}/comptes/avec/{other}"):
            assert "4,00 € annulés : Le four est tombé en panne" in plain(client.get(page))


def test_undoing_says_what_became_of_it(town, client, sign_in):
    town.owes("glaneurs", "cuisine", 1000)
    sign_in("cuisine")
    note(client, "10,00")
    note(client, "5,00")
    paid, advance = db.session.scalars(select(Payment).order_by(Payment.id))
    listed = client.get("/structures/cuisine/comptes/avec/glaneurs").text
    for row, words in ((paid, "10,00 € sont de nouveau dus"), (advance, "cette avance n’en est plus une")):
        page = f"/structures/cuisine/comptes/paiements/{row.public_id}"
        assert f'href="{page}">Détails' in listed
        undone = client.post(f"{page}/annuler", data={"reason": "Erreur"}, follow_redirects=True)
        assert words in plain(undone)


def test_what_a_bank_took_twice_is_noted_once_it_is_given_back(town, client, sign_in):
    due = town.owes("glaneurs", "cuisine", 1000)
    paid = pay(due, method=Method.CARD)
    service.refund("given", paid.id, 400)
    service.dispute_opened("dp", paid.id, 1000)
    dispute = service.dispute_lost("dp")
    assert dispute.beyond_cents == 400
    sign_in("cuisine")
    page, ref = f"/structures/cuisine/comptes/paiements/{paid.public_id}", dispute.public_id
    assert "4,00 €" in plain(client.get(page))
    assert client.post(f"{page}/litige", data={"litige": "NICHTDA", "method": "transfer"}).status_code == 404
    assert client.post(f"{page}/litige", data={"litige": ref, "method": "transfer"}).status_code == 303
    assert client.post(f"{page}/litige", data={"litige": ref, "method": "cash"}).status_code == 303
    assert 'name="litige"' not in client.get(page).text
    assert sound()


def test_what_went_back_before_a_mistake_was_taken_back_stays_told(town, client, sign_in):
    town.owes("glaneurs", "cuisine", 1000)
    sign_in("cuisine")
    note(client, "10,00")
    page = f"/structures/cuisine/comptes/paiements/{db.session.scalars(select(Payment)).one().public_id}"
    client.post(f"{page}/rendre", data={"amount": "4,00", "once": "x"})
    client.post(f"{page}/annuler", data={"reason": "Doublon"})
    shown = plain(client.get("/structures/cuisine/comptes"))
    assert "noté par erreur : Doublon" in shown
    assert "4,00 € remboursés" in shown


def test_what_came_on_a_day_to_come_is_not_noted(town, client, sign_in):
    town.owes("glaneurs", "cuisine", 1000)
    sign_in("cuisine")
    refused = note(client, "10,00", day="2098-01-01")
    assert refused.status_code == 422
    assert "Cette date est à venir" in plain(refused)


def test_treasurers_are_made_where_there_is_money(town, client, sign_in):
    sign_in("cuisine", Role.ORG_ADMIN)
    other = a_member(town.named["cuisine"], name="Ali")
    member = find_membership(other.id, town.ids["cuisine"])
    assert member is not None
    page, act = "/structures/cuisine/membres", f"/structures/cuisine/membres/{member.id}/role"
    shown = client.get(page).text
    assert "Ali : confier les comptes" in plain(client.get(page))
    assert '<option value="treasurer">' in shown
    assert client.post(act, data={"role": "treasurer"}).status_code == 303
    assert load_actor(other.id).keeps_accounts_of(town.ids["cuisine"])
    assert [line.facts["role"] for line in history("membership", member.id)] == ["treasurer"]
    client.post(act, data={"role": "member"})
    assert not load_actor(other.id).keeps_accounts_of(town.ids["cuisine"])
    invited = {"email": "zoe@exemple.org", "role": "treasurer"}
    assert client.post("/structures/cuisine/invitations", data=invited).status_code == 303
    assert "Trésorier" in client.get(page).text
    service.switch_money(Actor(coordinated=frozenset({town.territory_id})), town.territory_id, is_on=False)
    assert 'value="treasurer"' not in client.get(page).text
    assert client.post(act, data={"role": "treasurer"}).status_code == 404
    refused = client.post("/structures/cuisine/invitations", data=invited | {"email": "max@exemple.org"})
    assert refused.status_code == 422


def test_the_coordination_makes_no_treasurer_of_itself(town):
    a_member(town.named["cuisine"], role=Role.ORG_ADMIN)
    coordinator = a_coordinator(town.territory)
    with pytest.raises(NamesThemself):
        add_member(load_actor(coordinator.id), "cuisine", coordinator.id, Role.TREASURER)


def test_what_comes_before_anything_was_charged(town, client, sign_in):
    sign_in("cuisine")
    page = "/structures/cuisine/comptes/avance"
    assert page in client.get("/structures/cuisine/comptes").text
    assert "Les Glaneurs" in client.get(page).text
    typed = {
        "payer": "glaneurs", "amount": "50,00", "method": "transfer", "day": "2026-09-01", "reference": "VIR", "once": "k",
    }  # fmt: skip
    for wrong in ({"payer": ""}, {"payer": "nulle-part"}, {"amount": "x"}, {"day": "2098-01-01"}):
        refused = client.post(page, data=typed | wrong)
        assert refused.status_code == 422
        assert "VIR" in refused.text
    for _twice in range(2):
        sent = client.post(page, data=typed)
        assert sent.headers["Location"] == "/structures/cuisine/comptes/avec/glaneurs"
    assert "50,00 € d’avance" in plain(client.get(sent.headers["Location"]))
    for part in ("comptes", "comptes/reglement"):
        assert "a versé 50,00 € d’avance" in plain(client.get(f"/structures/cuisine/{part}"))
    due = town.owes("glaneurs", "cuisine", 1000)
    [paid] = db.session.scalars(select(Payment)).all()
    client.post(f"/structures/cuisine/comptes/paiements/{paid.public_id}/affecter")
    db.session.expire_all()
    assert due.owed_cents == 0
    assert sound()
    elsewhere = an_organisation(a_territory())
    came = service.Came(500, Method.CASH, clock.now())
    with pytest.raises(NotFound):
        pair = Pair(elsewhere.id, town.ids["cuisine"])
        service.note_payment(Actor(memberships={town.ids["cuisine"]: "treasurer"}), pair, came, "x")
