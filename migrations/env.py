"""How migrations reach the database: through the application's engine, in one transaction per run."""

from importlib import import_module
from importlib.util import find_spec

from alembic import context
from flask import current_app

from app import ROOMS
from app.infra.db import Base

for module in ("app.infra.audit", "app.infra.jobs", *(f"app.{room}.models" for room in ROOMS)):
    if find_spec(module):
        import_module(module)


def include_object(_object: object, name: str | None, kind: str, reflected: bool, _compare: object) -> bool:
    """Leave the job queue's own tables on PostgreSQL to its library."""
    return not (reflected and kind == "table" and (name or "").startswith("procrastinate_"))


def run() -> None:
    """Run the migrations with a writing transaction (see app.infra.uow for why it says so)."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect().execution_options(write=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET lock_timeout = '10s'")
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=include_object,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
