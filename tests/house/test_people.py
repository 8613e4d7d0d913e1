"""Nobody is forgotten when people leave: every table that knows a person says what becomes of it, and none keeps a trace."""

import json
from typing import Any

import pytest
from sqlalchemy import JSON, LargeBinary, String, Text, cast, select

from app.accounts import queries, service
from app.accounts.leaving import Farewell
from app.accounts.models import Role
from app.accounts.service.roles import Scope
from app.infra.db import Base, db
from tests.accounts.conftest import PASSWORD, acting, anna
from tests.accounts.town import Town
from tests.factories import a_manager, a_member, an_organisation, span

__all__ = ["anna"]

pytestmark = pytest.mark.usefixtures("session", "frozen")

GONE, POINTS_TO_NOBODY = "the row goes", "the row stays and points at somebody without a name"
# What becomes of every column that refers to a person, when that person's account is erased.
LEFT = {
    "access_token.person_id": GONE,
    "announcement.made_by_id": POINTS_TO_NOBODY,
    "audit_entry.actor_id": POINTS_TO_NOBODY,
    "bank_line.imported_by_id": POINTS_TO_NOBODY,
    "billing_choice.changed_by_id": POINTS_TO_NOBODY,
    "billing_mandate.accepted_by_id": POINTS_TO_NOBODY,
    "billing_mandate.ended_by_id": POINTS_TO_NOBODY,
    "booking_approval.for_id": POINTS_TO_NOBODY,
    "booking_approval.person_id": POINTS_TO_NOBODY,
    "booking.decided_by_id": POINTS_TO_NOBODY,
    "booking.decided_for_id": POINTS_TO_NOBODY,
    "booking.requester_id": POINTS_TO_NOBODY,
    "booking_message.author_id": POINTS_TO_NOBODY,
    "bundle.requester_id": POINTS_TO_NOBODY,
    "closure.created_by_id": POINTS_TO_NOBODY,
    "collection_batch.made_by_id": POINTS_TO_NOBODY,
    "cost_party.answered_by_id": POINTS_TO_NOBODY,
    "decision_link.person_id": GONE,
    "delegation.deputy_id": GONE,
    "delegation.giver_id": GONE,
    "deposit_terms.changed_by_id": POINTS_TO_NOBODY,
    "document_run.begun_by_id": POINTS_TO_NOBODY,
    "food_aid_authorisation.decided_by_id": POINTS_TO_NOBODY,
    "food_aid_authorisation.entered_by_id": POINTS_TO_NOBODY,
    "food_aid_override.person_id": POINTS_TO_NOBODY,
    "gleaning.person_id": POINTS_TO_NOBODY,
    "gleaning_sign_up.person_id": GONE,
    "group_purchase.person_id": POINTS_TO_NOBODY,
    "handover_answer.person_id": POINTS_TO_NOBODY,
    "handover.given_by_id": POINTS_TO_NOBODY,
    "handover.person_id": POINTS_TO_NOBODY,
    "handover.received_by_id": POINTS_TO_NOBODY,
    "incident.closed_by_id": POINTS_TO_NOBODY,
    "inspection_link.made_by_id": POINTS_TO_NOBODY,
    "invitation.invited_by_id": POINTS_TO_NOBODY,
    "lot.person_id": POINTS_TO_NOBODY,
    "membership.decided_by_id": POINTS_TO_NOBODY,
    "membership.person_id": POINTS_TO_NOBODY,
    "need.person_id": POINTS_TO_NOBODY,
    "need_answer.person_id": POINTS_TO_NOBODY,
    "one_time_token.person_id": GONE,
    "online_payment.begun_by_id": POINTS_TO_NOBODY,
    "payee_terms.changed_by_id": POINTS_TO_NOBODY,
    "proposal.made_by_id": POINTS_TO_NOBODY,
    "proposal.made_for_id": POINTS_TO_NOBODY,
    "purchase_order.person_id": POINTS_TO_NOBODY,
    "role_grant.person_id": GONE,
    "series.requester_id": POINTS_TO_NOBODY,
    "settlement.begun_by_id": POINTS_TO_NOBODY,
    "settlement_party.answered_by_id": POINTS_TO_NOBODY,
    "subscription.person_id": POINTS_TO_NOBODY,
    "surplus_claim.person_id": POINTS_TO_NOBODY,
    "surplus_interest.changed_by_id": POINTS_TO_NOBODY,
    "surplus_offer.person_id": POINTS_TO_NOBODY,
    "tariff_version.made_by_id": POINTS_TO_NOBODY,
    "reading_correction.person_id": POINTS_TO_NOBODY,
    "temperature_reading.person_id": POINTS_TO_NOBODY,
    "territory_money.changed_by_id": POINTS_TO_NOBODY,
    "waiting.person_id": POINTS_TO_NOBODY,
}


def referring() -> dict[str, Any]:
    person = Base.metadata.tables["person"]
    return {
        f"{table.name}.{column.name}": column
        for table in Base.metadata.tables.values()
        for column in table.columns
        if any(key.column.table is person for key in column.foreign_keys)
    }


def test_every_column_that_refers_to_a_person_is_accounted_for():
    """A new one is added here, to what `own_data` gives and, where it holds their words, to what erasing ends."""
    assert sorted(referring()) == sorted(LEFT)


@pytest.fixture
def town(anna) -> Town:
    made = Town(anna)
    made.live()
    colleague, site = a_manager(made.own_site), made.own_site
    scope = Scope(site.territory_id, site.id, site.owner_id)
    october = span("2026-10-01 00:00", "2026-10-16 00:00")
    service.delegate(acting(anna), scope, colleague.id, october)
    service.delegate(acting(colleague), scope, anna.id, october)
    service.ask_email_change(acting(anna), email="anna.lebris@exemple.org", password=PASSWORD)
    other = an_organisation(made.owner.territory)
    service.invite(acting(a_member(other, role=Role.ORG_ADMIN)), other.slug, email=anna.email)
    return made


def texts():
    """Read every text there is: what people typed, what programs wrote."""
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, String | Text | JSON | LargeBinary):
                wanted = cast(column, Text) if isinstance(column.type, JSON) else column
                for value in db.session.scalars(select(wanted).where(column.is_not(None))):
                    yield (
                        f"{table.name}.{column.name}",
                        value.decode() if isinstance(value, bytes) else str(value),
                    )


def test_no_trace_is_left_of_who_left(town):
    anna = town.anna
    traces = (
        "Anna",
        "Le Bris",
        "anna@exemple.org",
        "anna.lebris",
        "02 40 11 22 33",
        "Je glane depuis deux ans",
    )
    assert {trace for trace in traces for _, text in texts() if trace in text} == set(traces)
    farewell = Farewell(queries.standing_of(anna.id).fingerprint, "Compte supprimé", messages_too=True)
    service.erase_account(acting(anna), farewell, present=PASSWORD)
    found = {
        where
        for where, text in texts()
        for trace in traces
        if trace in text and not where.startswith(("job.", "procrastinate"))  # the letters on their way
    }
    assert found == set()


def test_what_goes_is_gone_and_what_stays_points_at_nobody(town):
    anna_id = town.anna.id
    farewell = Farewell(queries.standing_of(anna_id).fingerprint, "Compte supprimé")
    service.erase_account(acting(town.anna), farewell, present=PASSWORD)
    for name, column in referring().items():
        rows = db.session.scalars(select(column).where(column == anna_id)).all()
        assert not rows or LEFT[name] == POINTS_TO_NOBODY, name


def test_what_a_person_takes_away_names_nobody_else(town):
    told = json.dumps(queries.own_data(town.anna.id), ensure_ascii=False)
    others = db.session.scalars(select(Base.metadata.tables["person"].c.email)).all()
    assert [email for email in others if email != "anna@exemple.org" and email in told] == []
