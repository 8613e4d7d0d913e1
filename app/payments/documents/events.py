"""Facts about documents, for mail."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DocumentMade:
    """A document was issued, and its file is there to be read."""

    document_id: int
