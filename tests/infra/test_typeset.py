"""Documents: PDF/A-3, tagged, in their language, the same bytes from the same facts."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
import typst
from pypdf import PdfReader
from pypdf.generic import TextStringObject

from app.infra import typeset

AT = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)
PAGE = """#import "/print/plain.typ": sheet
#let facts = json(bytes(sys.inputs.facts))
#show: sheet.with(title: facts.title, lang: "fr", foot: facts.foot)
= #facts.title
#table(columns: 2, table.header[Quoi][Combien], ..facts.lines.flatten())
"""


@pytest.fixture
def template(tmp_path, monkeypatch):
    """Give the name of a template in a folder of its own, beside the sheet that all are written on."""
    (tmp_path / "print").symlink_to(typeset.FOLDER / "print")
    (tmp_path / "page.typ").write_text(PAGE)
    monkeypatch.setattr(typeset, "FOLDER", tmp_path)
    return "page.typ"


def test_a_document_is_archivable_tagged_and_says_what_it_is(template):
    """PDF/A-3a: with its title, its language and the structure that a screen reader follows."""
    facts = {"title": "Relevé n° 7", "foot": "Épicerie du Don", "lines": [["Légumerie, 3 h", "40,63 €"]] * 60}
    made = typeset.pdf(template, facts, AT)
    read = PdfReader(BytesIO(made))
    assert made == typeset.pdf(template, facts, AT)
    assert read.metadata is not None
    assert read.metadata.title == "Relevé n° 7"
    assert read.root_object["/Lang"] == TextStringObject("fr")
    assert "/StructTreeRoot" in read.root_object
    assert read.xmp_metadata is not None
    assert (read.xmp_metadata.pdfaid_part, read.xmp_metadata.pdfaid_conformance) == ("3", "A")
    text = "\n".join(page.extract_text() for page in read.pages)
    assert text.count("40,63 €") == 60
    assert "1 / 2" in text


def test_a_sign_that_no_font_has_is_a_square(template):
    """A name may have an emoji; its bill is made all the same, and the letters of other languages are as they were."""
    lines = [["Jardin 🥕👩‍🌾 漢", "Škoda عون ✓"]]
    text = PdfReader(BytesIO(typeset.pdf(template, {"title": "A", "foot": "", "lines": lines}, AT)))
    page = text.pages[0].extract_text()
    assert "Jardin □□" in page
    assert "Škoda" in page
    assert "✓" in page
    assert "🥕" not in page


def test_what_is_wrong_with_a_template_is_told(template, tmp_path):
    (tmp_path / template).write_text("#nothing-of-that-name")
    with pytest.raises(typst.TypstError, match="unknown variable"):
        typeset.pdf(template, {"title": "🥕"}, AT)
