"""Facts about documents, for mail."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DocumentMade:
    """A document was issued, and its file is there to be read."""

    document_id: int


@dataclass(frozen=True)
class BillingAddressAsked:
    """An issuer has asked a recipient for the address without which it bills them nothing."""

    issuer_id: int
    recipient_id: int
