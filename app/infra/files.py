"""Files of this installation, under DATA_DIR: written once under a name that says their content."""

import os
import re
from pathlib import Path
from tempfile import NamedTemporaryFile

from flask import current_app

from config import Config

_NAME = re.compile(r"[0-9a-f]{64}(-[a-z0-9]+)?\.[a-z0-9]{2,5}")


def folder(shelf: str) -> Path:
    """Give the folder of a shelf ("photos"); it may not exist yet."""
    config: Config = current_app.config["MUTUALIM"]
    return config.data_dir / shelf


def find(shelf: str, name: str) -> Path | None:
    """Find a file by its name ("<sha-256>-small.webp"); None where there is none, or the name is no such name."""
    path = folder(shelf) / name[:2] / name
    return path if _NAME.fullmatch(name) and path.is_file() else None


def keep(shelf: str, name: str, content: bytes) -> None:
    """Write a file unless it is there; whoever reads meanwhile sees all of it or nothing."""
    path = folder(shelf) / name[:2] / name
    if path.is_file():
        os.utime(path)  # young again: the sweep leaves it alone until its row is committed
        return
    replace(shelf, name, content)


def replace(shelf: str, name: str, content: bytes) -> None:
    """Write a file, also where there is one already: for one that was damaged."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name of a kept file: {name!r}")
    path = folder(shelf) / name[:2] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
        part.write(content)
    Path(part.name).replace(path)


def sweep(shelf: str, wanted: set[str], older_than: float) -> int:
    """Delete files whose digest is not `wanted` and that were written before `older_than` (epoch); give how many."""
    gone = 0
    for path in folder(shelf).glob("??/*"):
        if path.name[:64] not in wanted and path.stat().st_mtime < older_than:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
