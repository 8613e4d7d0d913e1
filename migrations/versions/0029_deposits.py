"""Deposits; programmes that who pays says yes to, and that change without touching what was promised.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant, Json

revision, down_revision = "0029", "0028"
branch_labels = depends_on = None
TERMS = ("rate_bp", "priority", "most_cents", "most_each_cents")


def upgrade() -> None:
    """Add them; the database deletes no deposit, as nothing of money. What programmes there are stay open."""
    _let_programmes_change()
    op.create_table(
        "deposit_terms",
        sa.Column("resource_id", BigId, sa.ForeignKey("resource.id"), primary_key=True, autoincrement=False),
        sa.Column("cents", BigId, nullable=False),
        sa.Column("occasion", sa.String(40), nullable=False),
        sa.Column("exempt", Json, nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("changed_by_id", BigId, sa.ForeignKey("person.id")),
        sa.CheckConstraint("cents >= 0", name="cents"),
        sa.CheckConstraint("occasion IN ('first', 'each')", name="occasion"),
    )
    _add_deposits()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER deposit_kept BEFORE DELETE ON deposit FOR EACH ROW EXECUTE FUNCTION money_is_kept()"
        )
        op.execute(
            "CREATE TRIGGER deposit_no_truncate BEFORE TRUNCATE ON deposit "
            "FOR EACH STATEMENT EXECUTE FUNCTION money_is_kept()"
        )
    else:
        _refuse_sqlite("deposit_no_delete", "DELETE", "TRUE", "money_is_kept")
        same = "EXISTS (SELECT 1 FROM deposit WHERE id = NEW.id)"
        _refuse_sqlite("deposit_no_replace", "INSERT", same, "money_is_append_only")


def downgrade() -> None:
    """Drop them: what the books say of deposits stays there."""
    if op.get_bind().dialect.name == "sqlite":  # dropping a table deletes its rows
        op.execute("DROP TRIGGER deposit_no_delete")
    op.drop_table("deposit")
    op.drop_table("deposit_terms")
    for column in TERMS:
        op.drop_column("cost_plan_subsidy", column)
    op.drop_column("subsidy_programme", "state")


def _let_programmes_change() -> None:
    open_ = sa.text("'open'")
    op.add_column(
        "subsidy_programme", sa.Column("state", sa.String(40), nullable=False, server_default=open_)
    )
    nothing = sa.text("0")
    for column in TERMS[:2]:
        op.add_column("cost_plan_subsidy", sa.Column(column, BigId, nullable=False, server_default=nothing))
    for column in TERMS[2:]:
        op.add_column("cost_plan_subsidy", sa.Column(column, BigId))
    for column in TERMS:
        op.execute(
            f"UPDATE cost_plan_subsidy SET {column} = "
            f"(SELECT {column} FROM subsidy_programme p WHERE p.id = cost_plan_subsidy.programme_id)"
        )


def _add_deposits() -> None:
    op.create_table(
        "deposit",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_ref", sa.String(40), nullable=False),
        sa.Column("territory_id", BigId, sa.ForeignKey("territory.id"), nullable=False),
        sa.Column("payer_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("payee_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("cents", BigId, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("back_by", Instant(), nullable=False),
        sa.Column("method", sa.String(40)),
        sa.Column("received_at", Instant()),
        sa.Column("moves", BigId, nullable=False),
        sa.Column("ended_at", Instant()),
        sa.Column("withheld_cents", BigId, nullable=False),
        sa.Column("is_cashed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("photo", sa.String(64)),
        sa.Column("charge_id", BigId, sa.ForeignKey("charge.id"), unique=True),
        sa.Column("reminded_at", Instant()),
        sa.UniqueConstraint("subject_kind", "subject_ref"),
        sa.CheckConstraint("cents > 0", name="cents"),
        sa.CheckConstraint("payer_id <> payee_id", name="pair"),
        sa.CheckConstraint("withheld_cents >= 0 AND withheld_cents <= cents", name="withheld"),
        sa.CheckConstraint(
            "state IN ('required', 'received', 'released', 'withheld', 'dropped')", name="state"
        ),
    )
    op.create_index("ix_deposit_back_by", "deposit", ["state", "back_by"])


def _refuse_sqlite(name: str, act: str, when: str, why: str) -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {act} ON deposit WHEN {when} BEGIN SELECT RAISE(ABORT, '{why}'); END"
    )
