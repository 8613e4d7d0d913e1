"""The use cases of documents: prepare and issue them, keep their files, let the platform issue in one's name."""

from app.payments.documents.service.asking import ask_address
from app.payments.documents.service.issuing import issue
from app.payments.documents.service.keeping import keep_made, mend, read_file
from app.payments.documents.service.mandates import accept_mandate, choose_monthly, end_mandate
from app.payments.documents.service.receipts import issue_receipt
from app.payments.documents.service.runs import begin_monthly, begin_run, take_turn

__all__ = [
    "accept_mandate",
    "ask_address",
    "begin_monthly",
    "begin_run",
    "choose_monthly",
    "end_mandate",
    "issue",
    "issue_receipt",
    "keep_made",
    "mend",
    "read_file",
    "take_turn",
]
