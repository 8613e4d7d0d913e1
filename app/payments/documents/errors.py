"""Why a document is not issued, or not handed over."""

from app.core.errors import Conflict, Invalid


class NotBillable(Invalid):
    """A bill would lack what the law asks for, or contradict itself.

    `reason` is lacking (`fields` of the terms of `party`, whose side is seller or buyer), regime (`label` was charged
    under `charged`, the organisation says `said`), no_mandate or public.
    """

    code = "not_billable"


class Unwritable(Invalid):
    """Software could not read the bill that would be issued: `why` is what its schema says."""

    code = "bill_unwritable"


class AddressKnown(Conflict):
    """Who is to be billed (`name`) has said their address meanwhile."""

    code = "billing_address_known"


class AddressAsked(Conflict):
    """Who is to be billed (`name`) was asked for their address less than a day ago."""

    code = "billing_address_asked"


class NothingToBill(Conflict):
    """All that was owed is on a document already."""

    code = "nothing_to_bill"


class DocumentNotMade(Conflict):
    """The document has its number, and its file is being made."""

    code = "document_not_made"


class DocumentDamaged(Conflict):
    """The file kept for a document (`number`) is not the one that was made: it lacks, or was changed."""

    code = "document_damaged"


class DocumentDiffers(Conflict):
    """The file of a document (`number`), made again, is not the one that was issued: it is not put in its place."""

    code = "document_differs"


class MandateMissing(Conflict):
    """Nothing is issued in the name of an organisation that has not accepted the mandate, or has ended it."""

    code = "mandate_missing"
