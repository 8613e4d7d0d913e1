"""The job queue of PostgreSQL: procrastinate's own tables and functions, as its pinned version ships them.

SQLite has its queue in the table `job` of the first migration.
"""

from alembic import op

from app.infra.procrastinate_schema import drop_procrastinate, install_procrastinate

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Install the queue."""
    install_procrastinate(op.get_bind())


def downgrade() -> None:
    """Remove the queue and what waits in it."""
    drop_procrastinate(op.get_bind())
