"""Write `labels.py`, where translators' tools find the labels that the kinds' data files use.

python -m app.catalogue.kinds.make_labels
"""

import json
from collections.abc import Iterator
from pathlib import Path

from app.catalogue.kinds import KINDS, Kind

FILE = Path(__file__).parent / "labels.py"
_HEAD = '''"""Labels of the kinds' data files, for translation. Written by `make_labels.py`: do not edit."""

from flask_babel import lazy_gettext as _l

LABELS = (
'''


def labels_of(kind: Kind) -> Iterator[str]:
    """Every text of a kind that somebody may read."""
    yield from (kind.label, kind.plural)
    yield from (subtype.label for subtype in kind.subtypes)
    yield from (group.label for group in kind.groups)
    for fact in kind.facts:
        yield from (fact.label, fact.filter_label, fact.help)
        yield from (choice.label for choice in fact.choices)


def labels_module() -> str:
    """What `labels.py` must contain."""
    labels = sorted({label for kind in KINDS.values() for label in labels_of(kind) if label})
    lines = (f"    _l({json.dumps(label, ensure_ascii=False)}),\n" for label in labels)
    return f"{_HEAD}{''.join(lines)})\n"


if __name__ == "__main__":
    FILE.write_text(labels_module(), encoding="utf-8")
