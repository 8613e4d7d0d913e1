"""On a booking, the series one of whose dates it is although it takes place elsewhere.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision, down_revision = "0016", "0015"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the column, without writing the table anew: others refer to its rows. No booking is elsewhere yet."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE booking ADD COLUMN elsewhere_of_id {kind} "
        f"CONSTRAINT {op.f('fk_booking_elsewhere_of_id')} REFERENCES series (id)"
    )
    op.create_index("ix_booking_elsewhere", "booking", ["elsewhere_of_id"])


def downgrade() -> None:
    """Drop it: what is elsewhere stays as a booking of its own."""
    op.drop_index("ix_booking_elsewhere", "booking")
    op.drop_column("booking", "elsewhere_of_id")
