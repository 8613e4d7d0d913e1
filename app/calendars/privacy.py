"""A feed knows its reader by the secret in its address alone: no cookies go in or out, no log keeps the secret."""

import logging
import re
from collections.abc import Callable, Iterable
from typing import Any

_FEED = re.compile(r"/agendas/[^/]+\.ics")
_SECRET = re.compile(r"(/agendas/)[^/\s?\"']+(\.ics)")
_ACCESS_LOGS = ("werkzeug", "granian.access", "gunicorn.access")


class CookielessFeeds:
    """Takes cookies off requests for feeds and off their answers, so that no session is opened, read or renewed."""

    def __init__(self, inner: Callable[..., Iterable[bytes]]) -> None:
        self.inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not _FEED.fullmatch(environ.get("PATH_INFO", "")):
            return self.inner(environ, start_response)
        environ.pop("HTTP_COOKIE", None)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            kept = [(name, value) for name, value in headers if name.lower() != "set-cookie"]
            return start_response(status, kept, *rest)

        return self.inner(environ, start)


class HideSecrets(logging.Filter):
    """Writes `/agendas/….ics` in access logs, whatever the secret was."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if "/agendas/" in message:
            record.msg, record.args = _SECRET.sub(r"\1…\2", message), ()
        return True


def hide_secrets() -> None:
    """Set the filter on the logs that servers write of every request."""
    for name in _ACCESS_LOGS:
        logger = logging.getLogger(name)
        if not any(isinstance(known, HideSecrets) for known in logger.filters):
            logger.addFilter(HideSecrets())
