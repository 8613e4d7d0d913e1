"""Authorisations for food aid, chains that carry food aid, and what the coordination allows without one.

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant

revision, down_revision = "0036", "0035"
branch_labels = depends_on = None

_FOOD_AID = """
    UPDATE chain SET for_food_aid = (
        SELECT organisation.priority_class = 'P1' FROM bundle
        JOIN organisation ON organisation.id = bundle.organisation_id WHERE bundle.id = chain.bundle_id
    )
"""


def upgrade() -> None:
    """Add them; the chains there are carry food aid where who asked does food aid."""
    op.create_table(
        "food_aid_authorisation",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("organisation_id", BigId, sa.ForeignKey("organisation.id"), nullable=False, index=True),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("reference", sa.String(160), nullable=False),
        sa.Column("network", sa.String(160), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_at", Instant(), nullable=False),
        sa.Column("entered_by_id", BigId, sa.ForeignKey("person.id")),
        sa.Column("decided_at", Instant()),
        sa.Column("decided_by_id", BigId, sa.ForeignKey("person.id")),
        sa.Column("reminded_days", BigId),
        sa.CheckConstraint("valid_until >= valid_from", name="span"),
    )
    for_food_aid = sa.Column("for_food_aid", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("chain", for_food_aid)
    op.execute(_FOOD_AID)
    op.create_table(
        "food_aid_override",
        sa.Column("chain_id", BigId, sa.ForeignKey("chain.id"), primary_key=True, autoincrement=False),
        sa.Column("person_id", BigId, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("food_aid_override")
    op.drop_column("chain", "for_food_aid")
    op.drop_table("food_aid_authorisation")
