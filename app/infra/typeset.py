"""Documents set in type: a Typst template and its facts become a PDF/A-3 that can be kept for ten years.

Level "a" is tagged: a screen reader reads tables as tables. Fonts are those that come with the compiler, so that a
document is the same on every machine; it takes some 20 ms (docs/adr/0011).
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import typst

FOLDER = Path(__file__).resolve().parents[2] / "templates"


def pdf(template: str, facts: Mapping[str, object], made_at: datetime) -> bytes:
    """Set a template ("payments/print/invoice.typ"), which reads `facts` with `json(bytes(sys.inputs.facts))`.

    The same facts give the same bytes. A template may include others of the folder of templates; what it sets as the
    document's title and language is what the PDF says of itself.
    """
    made = typst.compile(
        FOLDER / template,
        root=FOLDER,
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"facts": json.dumps(facts, ensure_ascii=False)},
        pdf_standards=["a-3a"],
        timestamp=made_at.replace(microsecond=0),  # the compiler takes whole seconds
    )
    if not isinstance(made, bytes):
        raise TypeError(f"{template} did not give one PDF")
    return made
