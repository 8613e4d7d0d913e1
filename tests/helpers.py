"""What many tests need: counting queries, comparing a swapped piece with the reloaded page."""

import re
from collections.abc import Container, Iterable, Iterator
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


def hidden(page: str, name: str) -> str:
    """Give what a hidden field of a page says."""
    found = re.search(rf'name="{name}" type="hidden" value="([^"]*)"', page)
    assert found, name
    return found[1]


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

    def lines(self, depth: int = 0, ignoring: Container[str] = ()) -> Iterator[str]:
        """Write the piece one line per tag and text, for readable differences."""
        shown = sorted(each for each in self.attributes.items() if each[0] not in ignoring)
        written = " ".join(f'{name}="{value}"' for name, value in shown)
        yield f"{'  ' * depth}<{self.tag} {written}>"
        for child in self.children:
            if isinstance(child, Element):
                yield from child.lines(depth + 1, ignoring)
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
    assert_same_pieces(page.get_data(as_text=True), fragment.get_data(as_text=True), target, url)


def assert_same_pieces(
    page: str, fragment: str, target: str | None, what: str, ignoring: Container[str] = ()
) -> None:
    """Check that each piece of `fragment` is what `page` shows at its place; messages (toasts) have none.

    With a `target`, pieces that do not carry its id are the whole content of that element (an innerHTML swap).
    `ignoring` names attributes that only matter at the moment of the swap, such as where the focus goes.
    """
    whole, pieces = parse(page), parse(fragment).children
    assert pieces, f"{what} gives an empty fragment"
    inside: list[Element | str] = []
    for piece in pieces:
        if isinstance(piece, str):
            inside.append(piece)
            continue
        assert piece.tag != "html", f"{what} answers htmx with a whole page"
        how = piece.attributes.pop("hx-swap-oob", None)
        identifier = piece.attributes.get("id")
        if how is not None and ":" in how:
            continue
        if how is None and (identifier is None or (target and identifier != target)):
            inside.append(piece)
            continue
        same = whole.find(identifier or "")
        assert same is not None, f"{what}: the page has no element with the id {identifier!r}"
        if how == "innerHTML":
            _assert_same(piece.children, same.children, what, ignoring)
        else:
            _assert_same([piece], [same], what, ignoring)
    if inside:
        place = whole.find(target or "")
        assert place is not None, f"{what}: nobody knows where the fragment goes"
        _assert_same(inside, place.children, what, ignoring)


def _assert_same(
    swapped: Iterable[Element | str], reloaded: Iterable[Element | str], what: str, ignoring: Container[str]
) -> None:
    left, right = ([*_lines(side, ignoring)] for side in (swapped, reloaded))
    assert left == right, f"{what}: swapped and reloaded differ"


def _lines(side: Iterable[Element | str], ignoring: Container[str]) -> Iterator[str]:
    for each in side:
        yield from each.lines(ignoring=ignoring) if isinstance(each, Element) else [each]
