"""Addresses that know their caller by something better than a cookie: no cookies go in, none come out."""

from collections.abc import Callable, Iterable
from typing import Any


class Cookieless:
    """Takes cookies off requests for the addresses it covers and off their answers: no session is opened or renewed."""

    def __init__(self, inner: Callable[..., Iterable[bytes]], covers: Callable[[str], bool]) -> None:
        self.inner = inner
        self.covers = covers

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not self.covers(environ.get("PATH_INFO", "")):
            return self.inner(environ, start_response)
        environ.pop("HTTP_COOKIE", None)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            kept = [(name, value) for name, value in headers if name.lower() != "set-cookie"]
            return start_response(status, kept, *rest)

        return self.inner(environ, start)
