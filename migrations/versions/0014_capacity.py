"""Resources made of others, and on each claim what it is taken with as a part; smaller units to ask in.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision, down_revision = "0014", "0013"
branch_labels = depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
PACK = (("pack_unit", sa.String(length=40)), ("pack_number", BIG), ("pack_per", BIG))


def upgrade() -> None:
    """Add the table and the columns; nothing is made of anything yet, and all is asked for in its own unit."""
    op.create_table(
        "component",
        sa.Column("whole_id", BIG, nullable=False),
        sa.Column("part_id", BIG, nullable=False),
        sa.Column("qty", BIG, nullable=False),
        sa.CheckConstraint("qty >= 1", name=op.f("ck_component_qty")),
        sa.CheckConstraint("whole_id <> part_id", name=op.f("ck_component_other")),
        sa.ForeignKeyConstraint(["whole_id"], ["resource.id"], name=op.f("fk_component_whole_id")),
        sa.ForeignKeyConstraint(["part_id"], ["resource.id"], name=op.f("fk_component_part_id")),
        sa.PrimaryKeyConstraint("whole_id", "part_id", name=op.f("pk_component")),
    )
    op.create_index("ix_component_part", "component", ["part_id"])
    op.add_column("claim", sa.Column("via_id", BIG, nullable=True))
    op.add_column("resource", sa.Column("packs", JSON, nullable=False, server_default=sa.text("'{}'")))
    for name, kind in PACK:
        op.add_column("booking", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    """Drop them; what was taken as a part is free again."""
    for name, _kind in PACK:
        op.drop_column("booking", name)
    op.drop_column("resource", "packs")
    op.execute("DELETE FROM claim WHERE via_id IS NOT NULL")
    op.drop_column("claim", "via_id")
    op.drop_index("ix_component_part", "component")
    op.drop_table("component")
