"""The tables and functions of procrastinate, which our migrations install on PostgreSQL."""

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, text

TABLES = frozenset(
    {"procrastinate_workers", "procrastinate_jobs", "procrastinate_periodic_defers", "procrastinate_events"}
)

_DROP = """
DO $$
DECLARE thing record;
BEGIN
    FOR thing IN
        SELECT p.oid::regprocedure AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = current_schema() AND p.proname LIKE 'procrastinate\\_%'
    LOOP
        EXECUTE 'DROP FUNCTION ' || thing.name || ' CASCADE';
    END LOOP;
    DROP TABLE IF EXISTS procrastinate_periodic_defers, procrastinate_events, procrastinate_jobs,
        procrastinate_workers CASCADE;
    DROP TYPE IF EXISTS procrastinate_job_to_defer_v1, procrastinate_job_status, procrastinate_job_event_type;
END $$
"""


def install_procrastinate(connection: Connection) -> None:
    """Create procrastinate's schema as the pinned version ships it; call it once, from a migration."""
    if connection.dialect.name != "postgresql":
        return
    driver = connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    driver.execute(SchemaManager.get_schema())


def drop_procrastinate(connection: Connection) -> None:
    """Remove everything `install_procrastinate` made."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(_DROP.replace(":", r"\:")))
