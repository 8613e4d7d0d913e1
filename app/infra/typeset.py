"""Documents set in type: a Typst template and its facts become a PDF/A-3 that can be kept for ten years.

Level "a" is tagged: a screen reader reads tables as tables. Fonts are those that come with the compiler, so that a
document is the same on every machine; it takes some 20 ms (docs/adr/0011).
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path

import typst

FOLDER = Path(__file__).resolve().parents[2] / "templates"
_set = partial(typst.compile, format="pdf", ignore_system_fonts=True, pdf_standards=["a-3a"])
_LATIN = 0x024F  # every font has the letters up to here
_NO_SIGN = "\N{WHITE SQUARE}"


def pdf(template: str, facts: Mapping[str, object], made_at: datetime) -> bytes:
    """Set a template ("payments/print/invoice.typ"), which reads `facts` with `json(bytes(sys.inputs.facts))`.

    The same facts give the same bytes. A template may include others of the folder of templates; what it sets as the
    document's title and language is what the PDF says of itself. What no font can draw (an emoji in a name) is a
    square: a document that is to be kept may not leave it to the reader's machine.
    """
    written = json.dumps(facts, ensure_ascii=False)
    try:
        return _compiled(template, written, made_at)
    except typst.TypstError:
        drawn = "".join(sign if _is_drawn(sign) else _NO_SIGN for sign in written)
        if drawn == written:
            raise
        return _compiled(template, drawn, made_at)


def _compiled(template: str, facts: str, made_at: datetime) -> bytes:
    made = _set(
        FOLDER / template,
        root=FOLDER,
        sys_inputs={"facts": facts},
        timestamp=made_at.replace(microsecond=0),  # the compiler takes whole seconds
    )
    if not isinstance(made, bytes):
        raise TypeError(f"{template} did not give one PDF")
    return made


@lru_cache(maxsize=4096)
def _is_drawn(sign: str) -> bool:
    """Tell whether one of the fonts has a sign, by setting it: the compiler tells in no other way."""
    if ord(sign) <= _LATIN:
        return True
    try:
        _set(f'#set document(title: "-")\n#text("{sign}")'.encode())
    except typst.TypstError:
        return False
    return True
