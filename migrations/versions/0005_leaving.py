"""Who came last and when, whose account was erased, which organisation was archived, why and by whom."""

import sqlalchemy as sa
from alembic import op

from app.infra.db import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NEW = {
    "person": (("seen_at", Instant()), ("warned_at", Instant()), ("erased_at", Instant())),
    "organisation": (("archived_at", Instant()),),
}


def upgrade() -> None:
    """Make room. Nobody is known to have been away: until somebody is seen, the day the account was opened counts."""
    for table, columns in NEW.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))
    op.add_column(
        "organisation", sa.Column("archive_reason", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
    op.add_column(
        "organisation",
        sa.Column("archived_by_itself", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("organisation", "archived_by_itself")
    op.drop_column("organisation", "archive_reason")
    for table, columns in NEW.items():
        for name, _kind in columns:
            op.drop_column(table, name)
