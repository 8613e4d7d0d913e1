"""What every use case of the catalogue does: lock the row, compare, number the change, find a free address."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.accounts.service.locks import one_at_a_time
from app.catalogue.errors import EditedMeanwhile, NameMissing
from app.catalogue.models import Resource, Site
from app.catalogue.queries import slug_taken
from app.catalogue.rules import LONGEST_PROSE, RESERVED_SLUGS
from app.core import clock
from app.core.errors import TextTooLong
from app.core.ids import new_public_id, slugify
from app.infra.db import db

LONGEST_NAME = 160


def lock_row(row: Site | Resource, revision: int | None = None) -> None:
    """Lock a row against other edits (bookings go on) and read it afresh; raise EditedMeanwhile.

    `revision` is what the form was opened on; None takes whatever is there.
    """
    table = type(row)
    fresh = select(table).where(table.id == row.id).with_for_update(key_share=True)
    db.session.scalars(fresh, execution_options={"populate_existing": True}).one()
    if revision is not None and revision != row.revision:
        raise EditedMeanwhile(revision=row.revision)


def write(row: Site | Resource, values: Mapping[str, Any]) -> list[str]:
    """Set what differs and number the change; give the names of what changed."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        touch(row)
    return changed


def touch(row: Site | Resource) -> None:
    """Number a change that a calendar could show."""
    row.revision += 1
    row.changed_at = clock.now()


def free_slug(table: type[Site | Resource], name: str, place: str) -> str:
    """Find an address nobody has, for good: the name, the name with its place, then numbers, then letters."""
    one_at_a_time("catalogue.slugs")
    base = slugify(name)
    longer = slugify(f"{name} {place}")
    for slug in (base, longer, *(f"{base}-{number}" for number in range(2, 10))):
        if slug not in RESERVED_SLUGS and not slug_taken(table, slug):
            return slug
    return f"{base}-{new_public_id(6).lower()}"


def checked_name(raw: str) -> str:
    """Give a name with single spaces; raise NameMissing."""
    name = " ".join(raw.split())
    if not name or len(name) > LONGEST_NAME or "\0" in name:
        raise NameMissing(field="name", longest=LONGEST_NAME)
    return name


def checked_prose(raw: str, field: str, longest: int = LONGEST_PROSE) -> str:
    """Give a text with plain line ends; raise TextTooLong."""
    text = raw.replace("\r\n", "\n").replace("\0", "").strip()
    if len(text) > longest:
        raise TextTooLong(field=field, max=longest)
    return text
