"""Golden files: the letters word for word, to be read by people. `UPDATE_GOLDEN=1 pytest tests/notifications` writes them."""

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"


def same_as_golden(locale, name, mail):
    """Compare both forms of a letter with the files kept, or write these where that is asked."""
    for ending, found in (("txt", str(mail)), ("html", mail.html)):
        path = FOLDER / locale / f"{name}.{ending}"
        if UPDATE:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(found)
        assert found == path.read_text(), (
            f"{path.name} has changed: read it, then run again with UPDATE_GOLDEN=1"
        )
