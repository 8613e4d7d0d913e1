"""What the tables of money have in common."""

from typing import Annotated, Any, Final

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import mapped_column

KEPT: Final[dict[str, Any]] = {"info": {"kept": True}}  # its rows outlive the demo: the database deletes none

Key = Annotated[
    str, mapped_column(String(120), unique=True)
]  # of the business: the same thing has the same one
Currency = Annotated[str, mapped_column(String(3))]
OrganisationId = Annotated[int, mapped_column(ForeignKey("organisation.id"))]
TerritoryId = Annotated[int, mapped_column(ForeignKey("territory.id"))]


def one_of(column: str, words: type[Any]) -> str:
    """Write the check that a column holds one of some words."""
    return f"{column} IN ({', '.join(repr(word.value) for word in words)})"
