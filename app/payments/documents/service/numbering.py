"""Numbers of documents, one after the other: given in the transaction that makes the document, so none is lost."""

from sqlalchemy import select

from app.core import clock
from app.infra.db import db
from app.infra.uow import atomic
from app.payments.documents.models import DocumentNumber, DocumentSeries
from app.payments.errors import KeyReused
from app.payments.service.locks import add_if_new


def next_number(issuer_id: int, kind: str, period: str, key: str) -> int:
    """Give the next number of an issuer's series to what has this key; told twice, it has the same one.

    Take it last: whoever else wants one of this series waits until the use case ends. Raise KeyReused.
    """
    with atomic(durable=True) as session:
        series = _locked_series(issuer_id, kind, period)
        given = session.scalar(select(DocumentNumber).filter_by(key=key))
        if given is not None:
            if given.series_id != series.id:
                raise KeyReused(key=key, field="series", found=given.series_id, asked=series.id)
            return given.number
        series.last_number += 1
        number = series.last_number
        session.add(DocumentNumber(series_id=series.id, number=number, key=key, at=clock.now()))
        session.flush()
    return number


def _locked_series(issuer_id: int, kind: str, period: str) -> DocumentSeries:
    which = {"issuer_id": issuer_id, "kind": kind, "period": period}
    add_if_new(DocumentSeries, which, {"last_number": 0})
    rows = select(DocumentSeries).filter_by(**which).with_for_update()
    return db.session.scalars(rows, execution_options={"populate_existing": True}).one()
