"""What many tests need: counting queries, comparing a swapped piece with the reloaded page."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.engine import Engine

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# What differs by nature between two renderings: fresh tokens, once-only form keys.
_CHANGING = {"csrf_token", "once", "idempotency_key"}
HTMX = {"HX-Request": "true"}


@dataclass
class Queries:
    """The statements sent inside `count_queries`, without savepoints and transaction words."""

    statements: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.statements)

    def __str__(self) -> str:
        return "\n\n".join(f"{number}. {text}" for number, text in enumerate(self.statements, 1))


@contextmanager
def count_queries(at_most: int | None = None) -> Iterator[Queries]:
    """Count the statements sent to the database inside; with `at_most`, fail and list them when there are more."""
    queries = Queries()

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "PRAGMA")):
            queries.statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield queries
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert at_most is None or len(queries) <= at_most, (
        f"{len(queries)} queries, {at_most} allowed:\n{queries}"
    )


@dataclass
class Element:
    """A piece of a page, compared without regard to white space, order of attributes and once-only values."""

    tag: str
    attributes: dict[str, str]
    children: list["Element | str"] = field(default_factory=list)

    def find(self, identifier: str) -> "Element | None":
        """Find the element with this id, here or below."""
        if self.attributes.get("id") == identifier:
            return self
        for child in self.children:
            found = child.find(identifier) if isinstance(child, Element) else None
            if found is not None:
                return found
        return None

    def lines(self, depth: int = 0) -> Iterator[str]:
        """Write the piece one line per tag and text, for readable differences."""
        written = " ".join(f'{name}="{value}"' for name, value in sorted(self.attributes.items()))
        yield f"{'  ' * depth}<{self.tag} {written}>"
        for child in self.children:
            if isinstance(child, Element):
                yield from child.lines(depth + 1)
            else:
                yield f"{'  ' * (depth + 1)}{child}"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("#document", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if attributes.get("name") in _CHANGING:
            attributes.pop("value", None)
        attributes.pop("nonce", None)
        element = Element(tag, attributes)
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if any(element.tag == tag for element in self.open[1:]):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if words:
            self.open[-1].children.append(words)


def parse(html: str) -> Element:
    """Read a page or a fragment into elements."""
    reader = _Reader()
    reader.feed(html)
    return reader.root


def assert_same_after_swap(client: FlaskClient, url: str, target: str | None = None) -> None:
    """Check that the fragment htmx would swap in at `url` is what a reload of `url` shows at the same place.

    `target` is the id of the swapped element, by default the id of the fragment's first element. Pieces that the
    fragment carries for other places (`hx-swap-oob`) are compared with the page as well.
    """
    page = client.get(url)
    fragment = client.get(url, headers={**HTMX, **({"HX-Target": target} if target else {})})
    assert page.status_code == fragment.status_code, f"{url}: {page.status_code} and {fragment.status_code}"
    assert "HX-Request" in fragment.headers.get("Vary", ""), f"{url}: caches need Vary: HX-Request"
    whole = parse(page.get_data(as_text=True))
    pieces = [each for each in parse(fragment.get_data(as_text=True)).children if isinstance(each, Element)]
    assert pieces, f"{url} gives an empty fragment"
    assert all(each.tag != "html" for each in pieces), f"{url} answers htmx with a whole page"
    main = [each for each in pieces if "hx-swap-oob" not in each.attributes]
    for piece in pieces:
        piece.attributes.pop("hx-swap-oob", None)
        identifier = piece.attributes.get("id") or (target if piece is pieces[0] else None)
        if identifier is None:
            continue
        same = whole.find(identifier)
        assert same is not None, f"{url}: the page has no element with the id {identifier!r}"
        if piece.attributes.get("id") == identifier:
            assert list(piece.lines()) == list(same.lines())
        else:  # innerHTML swap: the fragment is the content of the target
            inside = [line for each in main for line in each.lines(1)]
            assert inside == [
                line for child in same.children if isinstance(child, Element) for line in child.lines(1)
            ]
