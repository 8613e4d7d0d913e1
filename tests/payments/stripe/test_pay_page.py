"""The button to pay on line: there where the payee can be paid so, never for a public body."""

import pytest
from sqlalchemy import select

from app.accounts.models import LegalNature, Role
from app.core.policy import Actor
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service
from app.payments.books.postings import Account
from app.payments.models import Payment, Refund
from app.payments.queries import balances
from app.payments.stripe import queries as there
from app.payments.stripe.models import StripeRefund
from tests.factories import a_member, an_organisation
from tests.payments.books import owe


@pytest.fixture
def page(stage, client, login):
    """The page on which somebody pays the payee of the stage, open to the payer's treasurer."""
    payee = there.find_organisation(stage.payee_id)
    assert payee is not None
    payer = an_organisation(payee.territory)
    service.switch_money(Actor(coordinated=frozenset({payee.territory_id})), payee.territory_id, is_on=True)
    owe(payee.territory_id, payer.id, payee.id, 2500)
    owe(payee.territory_id, payer.id, payee.id, 300)
    login(client, a_member(payer, role=Role.TREASURER))
    return f"/structures/{payer.slug}/comptes/avec/{payee.slug}/payer"


def test_from_the_button_to_the_books(stage, client, page):
    assert "28,00" in client.get(page).text
    assert f'action="{page}/en-ligne"' in client.get(page).text
    there_now = client.post(f"{page}/en-ligne").headers["Location"]
    assert there_now.startswith("/paiements/")
    shown = client.get(page).text
    assert "en ligne est ouverte" in shown
    assert f'action="{page}/en-ligne"' not in shown
    assert there_now in shown
    assert client.post(f"{page}/en-ligne").headers["Location"] == there_now
    stage.run()
    begun = stage.world.pay(next(name for name in stage.world.things if name.startswith("cs_")))
    stage.world.book(begun["id"])
    stage.hear()
    assert "Tout est payé" in client.get(page).text
    assert client.post(f"{page}/en-ligne").headers["Location"] == page
    assert "rien à payer" in client.get(page).text


def test_a_page_that_is_open_can_be_closed(stage, client, page):
    client.post(f"{page}/en-ligne")
    stage.run()
    assert client.post(f"{page}/fermer").status_code == 303
    stage.run()
    assert f'action="{page}/en-ligne"' in client.get(page).text


def test_what_is_too_little_for_stripe_has_no_button_but_a_reason(stage, client, page, login):
    payee = there.find_organisation(stage.payee_id)
    assert payee is not None
    payer = an_organisation(payee.territory)
    due = owe(payee.territory_id, payer.id, payee.id, 49)
    login(client, a_member(payer, role=Role.TREASURER))
    here = f"/structures/{payer.slug}/comptes/avec/{payee.slug}/payer"
    assert "Moins de 0,50" in client.get(here).text
    assert f'action="{here}/en-ligne"' not in client.get(here).text
    assert client.post(f"{here}/en-ligne").headers["Location"] == here
    assert "Moins de 0,50" in client.get(here).text
    owe(payee.territory_id, payer.id, payee.id, 1)
    assert f'action="{here}/en-ligne"' in client.get(here).text, "with the next one it is enough"
    assert f'action="{here}/en-ligne"' not in client.get(f"{here}?du={due.public_id}").text


def test_a_public_body_is_never_paid_so(stage, client, page):
    with atomic():
        there.find_organisation(stage.payee_id).legal_nature = LegalNature.PUBLIC  # type: ignore[union-attr]
    assert "en-ligne" not in client.get(page).text
    refused = client.post(f"{page}/en-ligne")
    assert refused.status_code == 403
    assert "comptable public" in refused.text


def test_members_who_keep_no_accounts_do_not_pay(stage, client, page, login):
    login(client, a_member(there.get_organisation(page.split("/")[2])))
    assert client.post(f"{page}/en-ligne").status_code == 403


def test_what_could_not_go_back_by_stripe_goes_back_by_hand(stage, client, page, login):
    client.post(f"{page}/en-ligne")
    stage.run()
    begun = stage.world.pay(next(name for name in stage.world.things if name.startswith("cs_")))
    stage.world.book(begun["id"])
    stage.hear()
    payee = there.find_organisation(stage.payee_id)
    assert payee is not None
    paid = db.session.scalars(select(Payment)).one()
    mine = f"/structures/{payee.slug}/comptes/paiements/{paid.public_id}"
    login(client, a_member(payee, role=Role.TREASURER))
    assert 'name="by"' not in client.get(mine).text
    by_hand = {"amount": "5,00", "by": "transfer", "why": "", "once": "m"}
    client.post(f"{mine}/rendre", data=by_hand | {"once": "k"})  # no choice yet: by Stripe
    stage.run()
    given = db.session.scalars(select(StripeRefund)).one()
    for succeeds in (True, False):  # it arrived, and came back some days later
        stage.world.end_refund(given.refund_id or "", succeeds=succeeds)
        stage.hear()
    assert 'name="by"' in client.get(mine).text
    assert client.post(f"{mine}/rendre", data=by_hand | {"by": "card"}).status_code == 422
    for _twice in range(2):
        assert client.post(f"{mine}/rendre", data=by_hand).status_code == 303
    db.session.expire_all()
    assert [each.method for each in db.session.scalars(select(Refund).order_by(Refund.id))] == [
        None,
        "transfer",
    ]
    assert db.session.scalars(select(Payment)).one().returned_cents == 500
    assert balances(payee.id)["EUR", Account.CASH] == -500
    too_much = client.post(f"{mine}/rendre", data=by_hand | {"by": "", "amount": "23,01", "once": "n"})
    assert too_much.status_code == 422
    assert (
        client.post(f"{mine}/rendre", data=by_hand | {"by": "", "amount": "23,00", "once": "n"}).status_code
        == 303
    )
    more = client.post(f"{mine}/rendre", data=by_hand | {"amount": "0,01", "once": "o"})
    assert more.status_code == 422  # the rest is on its way


def test_what_was_paid_on_line_goes_back_by_the_same_way(stage, client, page, login):
    client.post(f"{page}/en-ligne")
    stage.run()
    begun = stage.world.pay(next(name for name in stage.world.things if name.startswith("cs_")))
    stage.world.book(begun["id"])
    stage.hear()
    payee = there.find_organisation(stage.payee_id)
    assert payee is not None
    paid = db.session.scalars(select(Payment)).one()
    mine = f"/structures/{payee.slug}/comptes/paiements/{paid.public_id}"
    login(client, a_member(payee, role=Role.TREASURER))
    shown = client.get(mine).text
    assert "Stripe l’envoie" in shown
    assert "annuler" not in shown
    assert client.post(f"{mine}/annuler", data={"reason": "Erreur"}, follow_redirects=True).status_code == 200
    asked = {"amount": "5,00", "why": "Trop compté", "once": "k"}
    for _twice in range(2):
        assert "Il part par Stripe" in client.post(f"{mine}/rendre", data=asked, follow_redirects=True).text
    shown = client.get(mine).text.replace("\u00a0", " ").replace("\u202f", " ")
    assert "5,00 € en cours de remboursement" in shown
    assert "Trop compté" in shown
    too_much = client.post(f"{mine}/rendre", data=asked | {"amount": "24", "once": "l"})
    assert too_much.status_code == 422
    assert "23,00" in too_much.text
    stage.run()
    given = db.session.scalars(select(StripeRefund)).one()
    stage.world.end_refund(given.refund_id or "", succeeds=True)
    stage.hear()
    db.session.expire_all()
    assert db.session.scalars(select(Refund)).one().reason == "Trop compté"
    shown = client.get(mine).text
    assert "en cours de remboursement" not in shown
    assert "Trop compté" in shown
    assert db.session.scalars(select(Payment)).one().returned_cents == 500
