"""Work on documents that nobody waits for: issuing many, making files, and what comes back every month."""

import logging
from datetime import timedelta

from app.infra.db import db
from app.infra.jobs import Payload, job, periodic
from app.payments.documents import paper, queries, service
from app.payments.documents.bill import read
from app.payments.documents.service.issuing import MAKE
from app.payments.documents.service.runs import RUN
from app.web.i18n import speaking

log = logging.getLogger(__name__)


@job(RUN)
def run(payload: Payload) -> None:
    """Issue and make the documents of a run, one recipient after the other."""
    while True:
        with speaking(paper.LANGUAGE):  # what was used is named on the document
            issued = service.take_turn(payload["run_id"])
        if issued is None:
            return
        for document_id in issued:
            _try_to_make(document_id)  # should it fail, the job that was queued with it tells


@job(MAKE)
def make(payload: Payload) -> None:
    """Make the file of a document that was issued: queued with it, so it comes to be whoever is killed."""
    make_file(payload["document_id"])


def make_file(document_id: int) -> None:
    """Make the file of a document unless it is there."""
    document = queries.find_document(document_id)
    if document is not None and not document.digest:
        service.keep_made(document_id, paper.pdf(read(document.facts)))


def _try_to_make(document_id: int) -> Exception | None:
    """Make a file, and give what stopped it: those behind it have theirs all the same."""
    try:
        make_file(document_id)
    except Exception as error:
        log.exception("no file for document %s", document_id)
        db.session.rollback()
        return error
    return None


@periodic("documents.make_missing", every=timedelta(days=1), offset=timedelta(hours=3, minutes=30))
def make_missing(_payload: Payload) -> None:
    """Go on with runs and files that are still open, because what should have ended them gave up."""
    for run_id in queries.open_runs():
        run({"run_id": run_id})
    failed = [error for document_id in queries.unmade() if (error := _try_to_make(document_id))]
    if failed:
        raise ExceptionGroup("documents without a file", failed)


@periodic("documents.monthly", every=timedelta(days=1), offset=timedelta(hours=3))
def monthly(_payload: Payload) -> None:
    """Begin the documents of last month for who wants them by themselves; each month once, whenever we come to it."""
    for issuer_id in [issuer.id for issuer in queries.monthly_issuers()]:
        service.begin_monthly(issuer_id)
