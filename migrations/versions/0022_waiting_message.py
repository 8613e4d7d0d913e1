"""What somebody in line wrote to the manager goes with the request that is made of the offer.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0022", "0021"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the message; who is in line so far wrote none."""
    op.add_column("waiting", sa.Column("message", sa.Text(), nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    """Drop it: requests made of offers then say nothing more than what they are for."""
    op.drop_column("waiting", "message")
