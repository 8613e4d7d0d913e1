"""Windows of priority: how far ahead, and with what notice, each class may ask for a resource."""

import sqlalchemy as sa
from alembic import op

from app.infra.db import Json

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room: so far all classes ask alike."""
    op.add_column("resource", sa.Column("windows", Json, nullable=False, server_default=sa.text("'{}'")))


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("resource", "windows")
