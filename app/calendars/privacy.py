"""A feed knows its reader by the secret in its address alone: no cookies go in or out, no log keeps the secret."""

import logging
import re

_FEED = re.compile(r"/agendas/[^/]+\.ics")
_SECRET = re.compile(r"(/agendas/)[^/\s?\"']+(\.ics)")
_ACCESS_LOGS = ("werkzeug", "granian.access", "gunicorn.access")


def is_feed(path: str) -> bool:
    """Tell whether an address is that of a feed."""
    return _FEED.fullmatch(path) is not None


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
