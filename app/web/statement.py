"""What we may say about accessibility: read from a data file, so that nobody claims more than was checked."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

STATUSES = ("none", "partial", "full")
SHIPPED = Path(__file__).parent / "data" / "accessibility.toml"
_DATED = ("stated_on", "audited_on")
_LISTS = ("reasons", "tested", "gaps", "screens")


class BadStatement(Exception):
    """The statement's file cannot be used; the text tells the operator what to change."""


@dataclass(frozen=True)
class Statement:
    """An accessibility statement; its lists hold one text per language, `screens` also a path."""

    status: str
    stated_on: date
    method: str
    technologies: tuple[str, ...]
    reasons: tuple[dict[str, str], ...]
    tested: tuple[dict[str, str], ...]
    gaps: tuple[dict[str, str], ...]
    screens: tuple[dict[str, str], ...]
    audited_by: str = ""
    audited_on: date | None = None
    rate: int | None = None  # percent of the criteria that apply and are met


def read_statement(data_dir: Path) -> Statement:
    """Read this installation's own statement, else the one shipped; raise BadStatement when it says nonsense."""
    own = data_dir / SHIPPED.name
    path = own if own.is_file() else SHIPPED
    try:
        return _checked(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, AttributeError) as wrong:
        raise BadStatement(f"{path} cannot be used: {wrong}") from wrong


def status_words(status: str) -> str:
    """Word the status as the law does."""
    return {"none": _("not compliant"), "partial": _("partially compliant"), "full": _("fully compliant")}[
        status
    ]


def _checked(raw: dict[str, Any]) -> Statement:
    if raw.get("status") not in STATUSES:
        raise ValueError(f"status must be one of {', '.join(STATUSES)}")
    if raw["status"] != "none" and not (raw.get("audited_by") and raw.get("audited_on") and "rate" in raw):
        raise ValueError("a status above none needs audited_by, audited_on and rate")
    if any(type(raw[name]) is not date for name in _DATED if name in raw):
        raise ValueError("dates are written 2026-11-23, without quotes")
    for name in _LISTS:
        raw[name] = tuple(raw.get(name, ()))
        if not all(each.get("fr") and each.get("en") for each in raw[name]):
            raise ValueError(f"each of {name} needs a text in fr and in en")
    return Statement(**{**raw, "technologies": tuple(raw.get("technologies", ()))})
