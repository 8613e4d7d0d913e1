"""The files of documents: kept once under their hash, looked at whenever they are handed over, never swept."""

from hashlib import sha256

from app.core import clock
from app.infra import files
from app.infra.events import emit
from app.infra.uow import atomic
from app.payments.documents.errors import DocumentDamaged, DocumentDiffers, DocumentNotMade
from app.payments.documents.events import DocumentMade
from app.payments.documents.models import Document

SHELF = "documents"


def keep_made(document_id: int, content: bytes) -> None:
    """Keep the file of a document that has none yet, and tell that it is there; made twice, the first stays."""
    digest = sha256(content).hexdigest()
    files.keep(SHELF, file_name(digest), content)
    with atomic(durable=True) as session:
        document = session.get_one(Document, document_id, with_for_update=True, populate_existing=True)
        if document.digest:
            return
        document.digest, document.made_at = digest, clock.now()
        session.flush()
        emit(DocumentMade(document.id))


def read_file(document: Document) -> bytes:
    """Read the file of a document as it was made. Raise DocumentNotMade, DocumentDamaged."""
    if not document.digest:
        raise DocumentNotMade(number=document.number)
    path = files.find(SHELF, file_name(document.digest))
    content = path.read_bytes() if path else b""
    if sha256(content).hexdigest() != document.digest:
        raise DocumentDamaged(number=document.number)
    return content


def mend(document: Document, content: bytes) -> None:
    """Put a file that was made again in the place of a damaged one, if it is the same. Raise DocumentDiffers."""
    if not document.digest:
        raise DocumentNotMade(number=document.number)
    if sha256(content).hexdigest() != document.digest:
        raise DocumentDiffers(number=document.number)
    files.replace(SHELF, file_name(document.digest), content)


def file_name(digest: str) -> str:
    """Name the file with this hash on its shelf."""
    return f"{digest}.pdf"
