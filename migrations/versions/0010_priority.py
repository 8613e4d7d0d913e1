"""Priority: the window in which each class may ask for a resource, and how long requests are compared."""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Json

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room: so far all classes ask alike."""
    op.add_column("resource", sa.Column("windows", Json, nullable=False, server_default=sa.text("'{}'")))
    op.add_column(
        "resource", sa.Column("arbitration_hours", BigId, nullable=False, server_default=sa.text("0"))
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("resource", "arbitration_hours")
    op.drop_column("resource", "windows")
