"""How an organisation comes to be paid online, and who cannot."""

import pytest
from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts.models import LegalNature, Role
from app.core.errors import Forbidden
from app.infra.db import db
from app.payments.stripe import queries, service
from app.payments.stripe.errors import PublicPayee
from app.payments.stripe.fake.client import down, lost_reply
from app.payments.stripe.models import StripeAccount
from tests.factories import a_member, a_territory, an_organisation


@pytest.fixture
def payee(empty_stage):
    return an_organisation(a_territory(), name="Les Glaneurs")


def actor_in(organisation, role=Role.ORG_ADMIN):
    return accounts.load_actor(a_member(organisation, role=role).id)


def only():
    db.session.expire_all()
    return db.session.scalars(select(StripeAccount)).one()


def test_the_way_to_be_paid(empty_stage, payee):
    stage, admin = empty_stage, actor_in(payee)
    assert service.begin_account(admin, payee.id) == service.begin_account(admin, payee.id)
    stage.run()
    row = only()
    made = stage.world.things[row.account_id]
    assert made["controller"]["fees"] == {"payer": "account"}
    assert made["controller"]["losses"] == {"payments": "stripe"}
    assert (made["country"], made["business_type"]) == ("FR", "non_profit")
    assert not queries.can_be_paid(payee.id)
    assert "external_account" in row.missing
    url = service.onboarding_url(payee.id, "http://127.0.0.1:8000/ici", "http://127.0.0.1:8000/retour")
    assert url.endswith(f"/stripe-simule/comptes/{row.account_id}?retour=/retour")
    stage.world.complete_account(row.account_id)
    stage.hear()
    assert queries.can_be_paid(payee.id)
    assert only().missing == []


@pytest.mark.parametrize("fault", [down, lost_reply])
def test_no_answer_makes_no_second_account(empty_stage, payee, frozen, fault):
    stage = empty_stage
    stage.client.faults = [fault]
    service.begin_account(actor_in(payee), payee.id)
    stage.run()
    assert only().account_id is None
    frozen.tick(minutes=20)
    stage.reconcile()
    assert [only().account_id] == [name for name in stage.world.things if name.startswith("acct_")]


def test_public_bodies_are_refused_whoever_asks(empty_stage):
    public = an_organisation(a_territory(), legal_nature=LegalNature.PUBLIC)
    with pytest.raises(PublicPayee):
        service.begin_account(actor_in(public), public.id)
    assert db.session.scalars(select(StripeAccount)).all() == []


def test_only_administrators(empty_stage, payee):
    for actor in (actor_in(payee, Role.MEMBER), actor_in(an_organisation(a_territory()))):
        with pytest.raises(Forbidden):
            service.begin_account(actor, payee.id)


def test_a_payee_who_leaves_us_can_be_paid_no_more(stage):
    assert queries.can_be_paid(stage.payee_id)
    gone = stage.world.things.pop(stage.account_id)
    stage.world.owners[gone["id"]] = ""
    stage.reconcile()
    assert not queries.can_be_paid(stage.payee_id)
    assert only().disabled_reason == "resource_missing"
