"""What is asked of the API about lots and hand-over notes."""

from typing import Annotated

from pydantic import Field

from app.api.requests import USUAL_ITEMS, Clean, Cursor, Limit, Query


class LotQuery(Query):
    """Which lots; nothing said, all of which something is left."""

    product: Annotated[str, Field(max_length=160, description="A piece of what it is."), Clean] | None = None
    all: Annotated[bool, Field(description="true: those of which nothing is left, too.")] = False
    limit: Limit = USUAL_ITEMS
    cursor: Cursor | None = None


class HandoverQuery(Query):
    """Which notes: all, page by page."""

    limit: Limit = USUAL_ITEMS
    cursor: Cursor | None = None
