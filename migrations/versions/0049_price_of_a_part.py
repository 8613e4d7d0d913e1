"""Parts of offers keep the price at which they were taken.

Revision ID: 0049
Revises: 0048
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0049", "0048"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add it: of parts taken before, what their offer costs now is all that is known."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(  # SQLite adds it with its check in one go, or not at all
        f"ALTER TABLE surplus_claim ADD COLUMN price_cents {kind} DEFAULT 0 NOT NULL "
        "CONSTRAINT ck_surplus_claim_price_cents CHECK (price_cents >= 0)"
    )
    offers = sa.table("surplus_offer", sa.column("id"), sa.column("price_cents"))
    claims = sa.table("surplus_claim", sa.column("offer_id"), sa.column("price_cents"))
    of_offer = sa.select(offers.c.price_cents).where(offers.c.id == claims.c.offer_id).scalar_subquery()
    op.execute(sa.update(claims).values(price_cents=of_offer))


def downgrade() -> None:
    """Forget it: parts cost what their offer does."""
    op.drop_column("surplus_claim", "price_cents")
