"""Reading what is sent to the end, so that the refusal of a large form or photo reaches whoever sent it.

A server that answers early and hangs up resets the connection: the browser, still sending, shows its own error page
instead of our words.
"""

from collections.abc import Callable, Iterable
from typing import Any

MOST_READ = (
    64 * 1024 * 1024
)  # bytes; whoever sends more is cut off. The proxy lets as much through (docs/deploy.md)
_PIECE = 64 * 1024


class Drained:
    """Hands an answer over once the whole request has arrived, whether or not the application wanted it."""

    def __init__(self, inner: Callable[..., Iterable[bytes]]) -> None:
        self.inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or "0"
        if not (length.isdecimal() and 0 < int(length) <= MOST_READ):
            return self.inner(environ, start_response)
        body = environ["wsgi.input"] = _Counted(environ["wsgi.input"], int(length))
        answer = self.inner(environ, start_response)
        while body.left > 0 and body.read(min(_PIECE, body.left)):
            pass
        return answer


class _Counted:
    """An input stream that knows how many bytes are still to come."""

    def __init__(self, stream: Any, length: int) -> None:
        self.stream = stream
        self.left = length

    def read(self, size: int = -1) -> bytes:
        return self._count(self.stream.read(size))

    def readline(self, size: int = -1) -> bytes:
        return self._count(self.stream.readline(size))

    def __iter__(self) -> "_Counted":
        return self

    def __next__(self) -> bytes:
        if line := self.readline():
            return line
        raise StopIteration

    def _count(self, data: bytes) -> bytes:
        self.left -= len(data)
        return data
