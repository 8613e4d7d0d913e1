"""Jobs make documents, with progress; whoever is killed leaves nothing half done; files are looked at each time."""

from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.core.policy import Actor
from app.infra import files, jobs
from app.infra.db import db
from app.infra.events import listens
from app.payments import service as payments
from app.payments.documents import paper, queries, service, tasks
from app.payments.documents.bill import read
from app.payments.documents.errors import DocumentDamaged, DocumentDiffers, DocumentNotMade
from app.payments.documents.events import DocumentMade
from app.payments.documents.models import Document, DocumentRun
from app.payments.documents.service import keeping
from app.payments.tariffs.tariff import VatRegime
from tests.payments.books import sound
from tests.payments.documents.schematron import broken


class Killed(BaseException):
    """The plug."""


def documents():
    db.session.expire_all()
    return [*db.session.scalars(select(Document).order_by(Document.id))]


def begin(town, **how):
    return service.begin_run(town.keeper("kitchen"), town.ids["kitchen"], **how).id


def path_of(document):
    found = files.find(keeping.SHELF, keeping.file_name(document.digest))
    assert found
    return found


def test_a_job_issues_and_makes_all_of_them(app, town):
    town.billed("a", 1000)
    town.billed("b", 500)
    run_id = begin(town)
    jobs.run_due(app)
    one, other = documents()
    assert (one.number, other.number) == ("FA-2026-0001", "FA-2026-0002")
    for each in (one, other):
        content = service.read_file(each)
        assert sha256(content).hexdigest() == each.digest
        [xml] = PdfReader(BytesIO(content)).attachments["factur-x.xml"]
        assert broken(xml) == []
    run = db.session.get_one(DocumentRun, run_id)
    assert (run.total, run.waiting, run.refused) == (2, [], {})
    assert run.ended_at
    assert sound()


def test_nothing_is_issued_while_money_is_off(app, town):
    town.billed("a", 1000)
    run_id = begin(town)
    coordination = Actor(coordinated=frozenset({town.territory_id}))
    payments.switch_money(coordination, town.territory_id, is_on=False)
    jobs.run_due(app)
    assert documents() == []
    payments.switch_money(coordination, town.territory_id, is_on=True)
    tasks.make_missing({})
    jobs.run_due(app)
    assert len(documents()) == 1
    assert db.session.get_one(DocumentRun, run_id).ended_at


def test_who_cannot_have_one_is_told_and_the_others_have_theirs(app, town):
    town.billed("a", 1000, VatRegime.STANDARD, 2000)
    town.billed("b", 500)
    run_id = begin(town)
    assert begin(town) == run_id, "while one goes on there is no second"
    jobs.run_due(app)
    run = db.session.get_one(DocumentRun, run_id)
    assert run.refused[str(town.ids["a"])]["code"] == "not_billable"
    assert [each.recipient_id for each in documents()] == [town.ids["b"]]


def test_what_was_killed_in_the_middle_goes_on(app, town, monkeypatch):
    """After the number and the row, before the file: there is no gap, and the job makes the file later."""
    for name in ("a", "b", "c"):
        town.billed(name, 1000)
    run_id = begin(town)

    def pull(_bill):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(paper, "pdf", pull)
        with pytest.raises(Killed):
            tasks.run({"run_id": run_id})
    assert [(each.number, each.digest) for each in documents()] == [("FA-2026-0001", "")]
    with pytest.raises(DocumentNotMade):
        service.read_file(documents()[0])
    tasks.run({"run_id": run_id})
    assert [each.number for each in documents()] == ["FA-2026-0001", "FA-2026-0002", "FA-2026-0003"]
    jobs.run_due(app)
    assert all(each.digest for each in documents())
    assert sound()


def test_what_is_still_missing_is_made_at_night(town):
    town.billed("a", 1000)
    town.billed("b", 500)
    town.issue("a")
    run_id = begin(town)
    tasks.make_missing({})
    assert [bool(each.digest) for each in documents()] == [True, True]
    assert db.session.get_one(DocumentRun, run_id).ended_at


def test_it_is_told_once_that_a_document_is_there(app, town):
    told = []
    town.billed("a", 1000)
    [document] = town.issue("a")
    listens(DocumentMade)(lambda event: told.append(event.document_id))
    tasks.make_file(document.id)
    service.keep_made(document.id, b"another")
    assert told == [document.id]


def test_a_damaged_file_is_told_and_mended_only_by_the_same(town):
    town.billed("a", 1000)
    [document] = town.issue("a")
    content = paper.pdf(read(document.facts))
    with pytest.raises(DocumentNotMade):
        service.mend(document, content)
    tasks.make_file(document.id)
    path = path_of(document)
    path.write_bytes(b"%PDF nothing")
    with pytest.raises(DocumentDamaged):
        service.read_file(document)
    with pytest.raises(DocumentDiffers):
        service.mend(document, content + b" ")
    service.mend(document, content)
    assert service.read_file(document) == content
    path_of(document).unlink()
    with pytest.raises(DocumentDamaged):
        service.read_file(document)


def test_documents_of_a_month_come_by_themselves_once(app, town, frozen):
    town.billed("a", 1000)
    frozen.move_to(datetime(2026, 10, 2, 4, tzinfo=UTC))
    tasks.monthly({})
    assert documents() == [], "nobody has chosen so"
    service.choose_monthly(town.keeper("kitchen"), town.ids["kitchen"], is_monthly=True)
    tasks.monthly({})
    tasks.monthly({})
    jobs.run_due(app)
    [invoice] = documents()
    assert invoice.cents == 1000
    town.billed("a", 300)
    tasks.monthly({})
    jobs.run_due(app)
    assert len(documents()) == 1, "what came in October waits for its end"
    frozen.move_to(datetime(2026, 11, 1, 4, tzinfo=UTC))
    tasks.monthly({})
    jobs.run_due(app)
    assert documents()[-1].cents == 300


def test_nothing_comes_by_itself_where_money_is_off(town, frozen):
    town.billed("a", 1000)
    service.choose_monthly(town.keeper("kitchen"), town.ids["kitchen"], is_monthly=True)
    payments.switch_money(Actor(coordinated=frozenset({town.territory_id})), town.territory_id, is_on=False)
    assert queries.monthly_issuers() == []
