"""The database's own last line of defence: no overbooking, no rewritten history.

Every way into `claim` passes these triggers, a raw INSERT included (docs/locking.md). The peak is looked for at the
new claim's start and at each start inside it: between two starts the load can only fall.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WEEK = 604_800

SQLITE_PEAK = """
CREATE TRIGGER claim_peak_{when} BEFORE {act} ON claim
WHEN (
    SELECT COALESCE(SUM(c.qty), 0) FROM claim c
    WHERE c.resource_id = NEW.resource_id AND c.start_at < NEW.end_at AND c.start_at > NEW.start_at - {week}
      AND c.end_at > NEW.start_at {but_self}
) + NEW.qty > (SELECT capacity FROM resource WHERE id = NEW.resource_id)
BEGIN
    SELECT RAISE(ABORT, 'claim_overbooked') WHERE EXISTS (
        SELECT 1 FROM (
            SELECT NEW.start_at AS at
            UNION SELECT s.start_at FROM claim s
            WHERE s.resource_id = NEW.resource_id AND s.start_at > NEW.start_at AND s.start_at < NEW.end_at
        ) AS points
        WHERE (
            SELECT COALESCE(SUM(c.qty), 0) FROM claim c
            WHERE c.resource_id = NEW.resource_id AND c.start_at <= points.at AND c.start_at > points.at - {week}
              AND c.end_at > points.at {but_self}
        ) + NEW.qty > (SELECT capacity FROM resource WHERE id = NEW.resource_id)
    );
END
"""

POSTGRES_PEAK = """
CREATE FUNCTION claim_peak() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    limit_qty integer;
BEGIN
    -- A writer that did not take the guard takes it here: two raw inserts cannot slip past each other.
    PERFORM 1 FROM resource_guard WHERE resource_id = NEW.resource_id FOR UPDATE;
    SELECT capacity INTO limit_qty FROM resource WHERE id = NEW.resource_id;
    NEW.alone := limit_qty = 1;
    IF (SELECT COALESCE(SUM(c.qty), 0) FROM claim c
        WHERE c.resource_id = NEW.resource_id AND c.start_at < NEW.end_at AND c.start_at > NEW.start_at - 604800
          AND c.end_at > NEW.start_at AND c.id <> NEW.id) + NEW.qty <= limit_qty THEN
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT 1 FROM (
            SELECT NEW.start_at AS at
            UNION SELECT s.start_at FROM claim s
            WHERE s.resource_id = NEW.resource_id AND s.start_at > NEW.start_at AND s.start_at < NEW.end_at
        ) AS points
        WHERE (
            SELECT COALESCE(SUM(c.qty), 0) FROM claim c
            WHERE c.resource_id = NEW.resource_id AND c.start_at <= points.at AND c.start_at > points.at - 604800
              AND c.end_at > points.at AND c.id <> NEW.id
        ) + NEW.qty > limit_qty
    ) THEN
        RAISE EXCEPTION 'claim_overbooked' USING ERRCODE = 'exclusion_violation';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    """Set the guards up."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE_PEAK.format(when="insert", act="INSERT", week=WEEK, but_self=""))
        op.execute(SQLITE_PEAK.format(when="update", act="UPDATE", week=WEEK, but_self="AND c.id <> NEW.id"))
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_entry_no_{act.lower()} BEFORE {act} ON audit_entry "
                "BEGIN SELECT RAISE(ABORT, 'audit_entry_is_append_only'); END"
            )
        return
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute(
        "ALTER TABLE claim ADD CONSTRAINT claim_alone EXCLUDE USING gist "
        "(resource_id WITH =, int8range(start_at, end_at) WITH &&) WHERE (alone)"
    )
    op.execute(POSTGRES_PEAK)
    op.execute(
        "CREATE TRIGGER claim_peak BEFORE INSERT OR UPDATE ON claim FOR EACH ROW EXECUTE FUNCTION claim_peak()"
    )
    op.execute(
        "CREATE FUNCTION audit_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit_entry_is_append_only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION audit_entry_append_only()"
    )
    op.execute(  # TRUNCATE fires no row trigger
        "CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_append_only()"
    )


def downgrade() -> None:
    """Take the guards away."""
    if op.get_bind().dialect.name == "sqlite":
        for name in (
            "claim_peak_insert",
            "claim_peak_update",
            "audit_entry_no_update",
            "audit_entry_no_delete",
        ):
            op.execute(f"DROP TRIGGER {name}")
        return
    op.execute("DROP TRIGGER audit_entry_no_truncate ON audit_entry")
    op.execute("DROP TRIGGER audit_entry_append_only ON audit_entry")
    op.execute("DROP FUNCTION audit_entry_append_only")
    op.execute("DROP TRIGGER claim_peak ON claim")
    op.execute("DROP FUNCTION claim_peak")
    op.execute("ALTER TABLE claim DROP CONSTRAINT claim_alone")
