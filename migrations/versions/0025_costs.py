"""What a booking will cost and who bears it, before it is charged; which resources a programme helps to pay.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant, Json

revision, down_revision = "0025", "0024"
branch_labels = depends_on = None


def upgrade() -> None:
    """Make the tables of plans; programmes help to pay for all kinds so far."""
    op.add_column(
        "subsidy_programme", sa.Column("kinds", Json, nullable=False, server_default=sa.text("'[]'"))
    )
    op.create_table(
        "cost_plan",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_ref", sa.String(40), nullable=False),
        sa.Column("territory_id", BigId, sa.ForeignKey("territory.id"), nullable=False),
        sa.Column("organisation_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("payee_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("tariff_id", BigId, sa.ForeignKey("tariff_version.id"), nullable=False),
        sa.Column("priority", sa.String(40), nullable=False),
        sa.Column("key_kind", sa.String(40), nullable=False),
        sa.Column("residual_payer_id", BigId, sa.ForeignKey("organisation.id")),
        sa.Column("measures", Json, nullable=False),
        sa.Column("waiver_reason", sa.Text(), nullable=False),
        sa.Column("holds", BigId, nullable=False),
        sa.Column("charge_id", BigId, sa.ForeignKey("charge.id"), unique=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant()),
        sa.UniqueConstraint("subject_kind", "subject_ref"),
        sa.CheckConstraint(
            "key_kind IN ('equal', 'weights', 'percent', 'metered', 'ability', 'single')", name="key_kind"
        ),
    )
    op.create_index("ix_cost_plan_closed_at", "cost_plan", ["closed_at"])
    op.create_table(
        "cost_party",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("plan_id", BigId, sa.ForeignKey("cost_plan.id"), nullable=False),
        sa.Column("organisation_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("weight", BigId, nullable=False),
        sa.Column("ceiling_cents", BigId),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant()),
        sa.Column("answered_by_id", BigId, sa.ForeignKey("person.id")),
        sa.UniqueConstraint("plan_id", "organisation_id"),
        sa.CheckConstraint("weight >= 0", name="weight"),
        sa.CheckConstraint("ceiling_cents >= 0", name="ceiling"),
        sa.CheckConstraint("state IN ('invited', 'accepted', 'declined')", name="state"),
    )
    op.create_index("ix_cost_party_organisation_id", "cost_party", ["organisation_id"])
    op.create_table(
        "cost_plan_subsidy",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("plan_id", BigId, sa.ForeignKey("cost_plan.id"), nullable=False),
        sa.Column("programme_id", BigId, sa.ForeignKey("subsidy_programme.id"), nullable=False),
        sa.Column("hold_key", sa.String(120)),
        sa.UniqueConstraint("plan_id", "programme_id"),
    )


def downgrade() -> None:
    """Drop them: what was charged has kept how it was shared."""
    for table in ("cost_plan_subsidy", "cost_party", "cost_plan"):
        op.drop_table(table)
    op.drop_column("subsidy_programme", "kinds")
