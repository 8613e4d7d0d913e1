"""The code of a transfer says exactly what a bank's application is to fill in, line by line (EPC069-12)."""

from io import BytesIO

import pytest
import segno

from app.accounts.models import LegalNature, Role
from app.core.policy import Actor
from app.infra.uow import atomic
from app.payments import service
from app.payments.bank.epc import MOST_CENTS, epc_code
from app.payments.books.postings import Method
from app.payments.documents import paper
from tests.factories import a_member
from tests.payments.books import pay
from tests.payments.documents.bills import bill, line
from tests.payments.documents.town import IBAN

TREASURY = "FR1420041010050500013M02606"


def written(*fields: str, charset: str = "iso-8859-1") -> segno.QRCode:
    """Draw what these lines are, in the size and with the correction that the rules ask for."""
    return segno.make_qr("\n".join(fields).encode(charset), error="m", boost_error=False)


def fields(name="Cuisine du Don", iban=IBAN, bic="AGRIFRPP", amount="EUR12.5", text="MUT X", charset="2"):
    """List all eleven: purpose and structured reference stay empty, for the reference is in words."""
    return ("BCD", "002", charset, "SCT", bic, name, iban, amount, "", "", text)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        pytest.param({}, {}, id="all of it"),
        pytest.param({"bic": ""}, {"bic": ""}, id="no BIC, as version 002 allows"),
        pytest.param({"cents": 1}, {"amount": "EUR0.01"}, id="the least"),
        pytest.param({"cents": 1000}, {"amount": "EUR10"}, id="whole euros"),
        pytest.param({"cents": MOST_CENTS}, {"amount": "EUR999999999.99"}, id="the most"),
        pytest.param({"holder": "Régie de Blain"}, {"name": "Régie de Blain"}, id="accents"),
        pytest.param({"holder": "a" * 71}, {"name": "a" * 70}, id="a name is cut"),
        pytest.param(
            {"holder": "Épicerie d’œufs"}, {"name": "Épicerie d’œufs", "charset": "1"}, id="letters of UTF-8"
        ),
    ],
)
def test_what_a_bank_reads(given, read):
    asked = {"holder": "Cuisine du Don", "iban": IBAN, "bic": "AGRIFRPP", "cents": 1250, "reference": "MUT X"}
    drawn = epc_code(**(asked | given))
    lines = fields(**read)
    assert drawn == written(*lines, charset={"1": "utf-8", "2": "iso-8859-1"}[lines[2]])


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"cents": 0}, id="nothing to pay"),
        pytest.param({"cents": MOST_CENTS + 1}, id="more than a transfer takes"),
        pytest.param({"holder": "🥕" * 70}, id="a name of too many bytes"),
    ],
)
def test_what_has_no_code(given):
    asked = {"holder": "Cuisine du Don", "iban": IBAN, "bic": "", "cents": 1250, "reference": "MUT X"}
    assert epc_code(**(asked | given)) is None


def picture(code: segno.QRCode, border: int, **facts) -> str:
    out = BytesIO()
    code.save(out, kind="svg", scale=4, border=border, xmldecl=False, svgclass=None, lineclass=None, **facts)
    return out.getvalue().decode()


@pytest.fixture
def read_code(client, login, town):
    """Read the code of the page on which `a` pays another."""
    login(client, a_member(town.named["a"], role=Role.TREASURER))
    service.switch_money(Actor(coordinated=frozenset({town.territory_id})), town.territory_id, is_on=True)

    def read(payee: str, one: str = "") -> str:
        page = f"/structures/{town.slugs['a']}/comptes/avec/{town.slugs[payee]}/payer/code.svg"
        return str(client.get(page, query_string={"du": one}).text)

    return read


def says(town, payee, **facts):
    given = {"legal_name": "Cuisine du Don", "address": "", "methods": (Method.TRANSFER,), "iban": IBAN}
    keeper = Actor(memberships={town.ids[payee]: "treasurer"})
    service.say_terms(keeper, town.ids[payee], service.Terms(**(given | facts)))


def test_the_code_of_one_due_and_of_all(town, read_code):
    due, _other = town.owes("a", "kitchen", 1000), town.owes("a", "kitchen", 250)
    says(town, "kitchen", bic="AGRIFRPP", holder="Les Amis de la cuisine")
    holder, payer = "Les Amis de la cuisine", town.named["a"]
    all_of_it = written(*fields(name=holder, text=f"MUT {payer.public_id}"))
    one = written(*fields(name=holder, amount="EUR10", text=f"MUT {due.public_id}"))
    assert read_code("kitchen") == picture(all_of_it, 4, light="white")
    assert read_code("kitchen", due.public_id) == picture(one, 4, light="white")
    pay(due, 400)
    left = written(*fields(name=holder, amount="EUR6", text=f"MUT {due.public_id}"))
    assert read_code("kitchen", due.public_id) == picture(left, 4, light="white")


def test_the_code_of_a_public_body_leads_to_its_accountant(town, read_code):
    with atomic():
        town.named["commune"].legal_nature = LegalNature.PUBLIC
    due = town.owes("a", "commune", 3330)
    says(town, "commune", legal_name="Commune de Blain", iban=TREASURY, holder="SGC de Châteaubriant")
    drawn = written(*fields("SGC de Châteaubriant", TREASURY, "", "EUR33.3", f"MUT {due.public_id}"))
    assert read_code("commune", due.public_id) == picture(drawn, 4, light="white")


def test_the_code_on_a_bill(session):
    drawn = written(*fields(amount="EUR42", text="MUT FA-2026-0001"))
    assert paper._code(bill(line(4200))) == picture(drawn, 2)
