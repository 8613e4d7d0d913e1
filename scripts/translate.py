"""Keep the French file in step with the code: `update`, `compile` or `check`.

`check` fails when a sentence of the code is not in the file, or has no French, or only a guessed ("fuzzy") one,
or when a line could break before a mark of punctuation; `update` mends the latter by itself.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "translations" / "fr" / "LC_MESSAGES" / "messages.po"
BREAKABLE = re.compile(r" (?=[:;?!»€]|%%|°C\b)|(?<=«) |(?<=\bn°) ")
KEYWORDS = {**DEFAULT_KEYWORDS, **parse_keywords(["_l", "_n:1,2"])}


def extracted() -> Catalog:
    """Collect every sentence that the code and the templates mark for translation."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    catalog = Catalog(charset="utf-8")
    found = extract_from_dir(
        ROOT, methods, options, keywords=KEYWORDS, comment_tags=(), directory_filter=_is_ours
    )
    for _file, _line, message, _comments, context in found:
        catalog.add(message, context=context)
    return catalog


def _is_ours(folder: str | os.PathLike[str]) -> bool:
    return Path(folder).relative_to(ROOT).parts[0] in ("app", "templates")


def french() -> Catalog:
    """Read the French file; an empty catalogue when there is none yet."""
    if not PO.exists():
        return Catalog(locale="fr", charset="utf-8")
    with PO.open("rb") as file:
        return read_po(file, locale="fr")


def typeset(text: str) -> str:
    """Put an unbreakable space where French sets one before punctuation and degrees, and inside guillemets."""
    return BREAKABLE.sub("\u00a0", text)


def _typeset_all(catalog: Catalog) -> None:
    for message in catalog:
        if message.id:
            texts = tuple(map(typeset, _texts(message)))
            message.string = texts if isinstance(message.string, (tuple, list)) else texts[0]


def problems() -> Iterator[str]:
    """Tell what is wrong, one line each."""
    catalog, translated = extracted(), french()
    for message in catalog:
        if not message.id:
            continue
        known = translated.get(_key(message), context=message.context)
        if known is None:
            yield f"not in the French file: {message.id!r}"
        elif known.fuzzy:
            yield f"only guessed: {message.id!r}"
        elif not _is_complete(known):
            yield f"without French: {message.id!r}"
        elif any(BREAKABLE.search(text) for text in _texts(known)):
            yield f"a space that may break before punctuation or degrees: {message.id!r}"
        else:
            yield from (f"{error}: {message.id!r}" for error in known.check(translated))


def update() -> None:
    """Add new sentences to the French file, drop those that are gone, keep the rest."""
    translated = french()
    translated.update(extracted(), no_fuzzy_matching=True)
    translated.obsolete.clear()
    _typeset_all(translated)
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, translated, width=0, sort_output=True, ignore_obsolete=True, no_location=True)
    compile_french()


def compile_french() -> None:
    """Write the file that the application reads, when it is missing or older than its source."""
    target = PO.with_suffix(".mo")
    if not PO.exists() or (target.exists() and target.stat().st_mtime_ns > PO.stat().st_mtime_ns):
        return
    draft = target.with_name(f".messages.{os.getpid()}.mo")
    with draft.open("wb") as file:
        write_mo(file, french())
    draft.replace(target)


def _key(message: Message) -> str:
    return message.id[0] if isinstance(message.id, (tuple, list)) else message.id


def _is_complete(message: Message) -> bool:
    return all(_texts(message))


def _texts(message: Message) -> tuple[str, ...]:
    texts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return tuple(text or "" for text in texts)


def main(act: str) -> int:
    """Do what the command line asked for; 1 when a check failed."""
    if act == "update":
        update()
    if act in ("update", "check"):
        found = list(problems())
        print(*found, sep="\n", end="\n" if found else "")
        print(f"{len(found)} problem(s) in the French translation.")
        return 1 if found and act == "check" else 0
    compile_french()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))
