"""Where a chain begins and may end, and from when to when it can be loaded there: what replaces a leg goes by it.

Chains that were asked for before know it where they carry a part of an offer.

Revision ID: 0047
Revises: 0045
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import Instant

revision, down_revision = "0047", "0045"
branch_labels = depends_on = None

_PLACES = ("from_lat", "from_lon", "to_lat", "to_lon")
_OFFERED = {
    "from_commune": "commune_code",
    "from_lat": "lat",
    "from_lon": "lon",
    "load_from_at": "from_at",
    "load_until_at": "until_at",
}
_KNOWN = """
SELECT surplus_offer.{column} FROM surplus_offer JOIN surplus_claim ON surplus_claim.offer_id = surplus_offer.id
WHERE surplus_claim.public_id = chain.surplus_claim_ref
"""


def upgrade() -> None:
    """Add them."""
    op.add_column("chain", sa.Column("from_commune", sa.String(5)))
    for name in _PLACES:
        op.add_column("chain", sa.Column(name, sa.Double()))
    for name in ("load_from_at", "load_until_at"):
        op.add_column("chain", sa.Column(name, Instant()))
    for name, column in _OFFERED.items():
        op.execute(f"UPDATE chain SET {name} = ({_KNOWN.format(column=column)})")


def downgrade() -> None:
    """Drop them: the legs of chains stay as they are."""
    for name in ("load_until_at", "load_from_at", *reversed(_PLACES), "from_commune"):
        op.drop_column("chain", name)
