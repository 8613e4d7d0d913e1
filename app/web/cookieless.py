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
            kept = [each for each in map(_without_cookies, headers) if each[1]]
            return start_response(status, kept, *rest)

        return self.inner(environ, start)


def _without_cookies(header: tuple[str, str]) -> tuple[str, str]:
    """Empty a header about cookies: the session notes that it was looked at, though there was none to see."""
    name, value = header
    if name.lower() == "set-cookie":
        return name, ""
    if name.lower() == "vary":
        return name, ", ".join(each for each in value.split(", ") if each.lower() != "cookie")
    return header
