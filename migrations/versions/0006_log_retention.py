"""What is only a log may be forgotten when it is old; the rest of the history stays as guarded as it was.

The lines about accounts, tokens and memberships are shown on no page. Five days of grace below the twelve months that
the nightly job keeps (app.accounts.rules.LOG_LIFE) are for two clocks that disagree.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ONLY_LOGS = "('person', 'access_token', 'membership')"
DAYS = 360
REFUSE = "SELECT RAISE(ABORT, 'audit_entry_is_append_only');"

POSTGRES = f"""
CREATE OR REPLACE FUNCTION audit_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.subject_kind IN {ONLY_LOGS} AND OLD.at < now() - interval '{DAYS} days' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit_entry_is_append_only';
END $$
"""
POSTGRES_BEFORE = (
    "CREATE OR REPLACE FUNCTION audit_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit_entry_is_append_only'; END $$"
)


def upgrade() -> None:
    """Let old logs go."""
    if op.get_bind().dialect.name == "sqlite":
        old_log = f"OLD.subject_kind IN {ONLY_LOGS} AND OLD.at < datetime('now', '-{DAYS} days')"
        _guard_deletes(f"WHEN NOT ({old_log}) ")
    else:
        op.execute(POSTGRES)


def downgrade() -> None:
    """Keep everything for ever again."""
    if op.get_bind().dialect.name == "sqlite":
        _guard_deletes("")
    else:
        op.execute(POSTGRES_BEFORE)


def _guard_deletes(when: str) -> None:
    op.execute("DROP TRIGGER audit_entry_no_delete")
    op.execute(f"CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry {when}BEGIN {REFUSE} END")
