"""What cancelling costs by a place's rule, and what was promised of it to each booking."""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NUMBERS = {
    "resource": (BigId, ("free_cancel_hours", "late_cancel_percent")),
    "booking": (sa.Integer(), ("late_percent", "due_percent")),
}


def upgrade() -> None:
    """Make room: so far cancelling costs nothing, and nothing is due."""
    op.add_column("booking", sa.Column("free_until", Instant(), nullable=True))
    for table, (kind, names) in NUMBERS.items():
        for name in names:
            op.add_column(table, sa.Column(name, kind, nullable=False, server_default=sa.text("0")))
    op.create_index("ix_booking_absences", "booking", ["organisation_id", "use", "start_at"])


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("ix_booking_absences", table_name="booking")
    for table, (_kind, names) in NUMBERS.items():
        for name in names:
            op.drop_column(table, name)
    op.drop_column("booking", "free_until")
