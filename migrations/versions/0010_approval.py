"""Two approvals by two people: the functions of managers, and who has said yes.

Revision ID: 0010
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant

revision, down_revision = "0010", "0008"
branch_labels = depends_on = None

FUNCTIONS = ("is_technical", "is_elected")


def upgrade() -> None:
    """Add the columns and the table of yeses."""
    for name in FUNCTIONS:
        op.add_column("role_grant", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("booking", sa.Column("reminded_at", Instant()))
    op.create_table(
        "booking_approval",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        *(sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()) for name in FUNCTIONS),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_booking_approval_booking_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_booking_approval_person_id"),
        sa.UniqueConstraint("booking_id", "person_id", name="uq_booking_approval_booking_id_person_id"),
    )


def downgrade() -> None:
    """Drop them; where two people had to agree, one manager answers again."""
    op.execute("UPDATE resource SET approval = 'manager' WHERE approval = 'two_step'")
    op.drop_table("booking_approval")
    op.drop_column("booking", "reminded_at")
    for name in FUNCTIONS:
        op.drop_column("role_grant", name)
