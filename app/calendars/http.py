"""How a feed is asked for and answered: so that a client that has it already costs one query and no bytes.

Clients poll for years, badly: Thunderbird drops a calendar at the first odd answer, some send tags and dates
that disagree, some send dates only. All is decided from the request's headers and an edition's counters.
"""

import gzip
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from werkzeug.datastructures import Headers
from werkzeug.http import http_date, parse_date, parse_etags
from werkzeug.wrappers import Request, Response

from app.calendars.rules import RENDERER

CONTENT_TYPE = "text/calendar; charset=utf-8"
MAX_AGE = 300
# Feeds repeat themselves: the fastest level already leaves a tenth, in half the time of the next sizes down.
GZIP_LEVEL = 1


@dataclass(frozen=True, kw_only=True)
class Edition:
    """What a subscriber would receive now, told by counters alone and never by the hour.

    `scope` names the calendar; the greatest `revision`, the `count` of events and a `checksum` of which they are
    (the sum of their ids, say) tell its content: one may leave the window on the day another enters it. `head` is
    whatever names the calendar to its reader. `changed_at` is the last change of the content.
    """

    scope: str
    revision: int
    count: int
    checksum: int
    audience: str
    language: str
    head: str
    changed_at: datetime

    @property
    def tag(self) -> str:
        """The opaque tag inside the ETag, the same on every server of the installation."""
        facts = [
            RENDERER,
            self.scope,
            self.revision,
            self.count,
            self.checksum,
            self.audience,
            self.language,
            self.head,
        ]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]

    @property
    def etag(self) -> str:
        """The ETag header. Weak, because the plain and the compressed form share it."""
        return f'W/"{self.tag}"'

    @property
    def last_modified(self) -> datetime:
        """The last change in whole seconds, as dates of HTTP have them."""
        return self.changed_at.astimezone(UTC).replace(microsecond=0)


def is_unchanged(request: Request, edition: Edition) -> bool:
    """Tell whether the client has this edition already (304).

    Tags decide alone where there are any; dates are for clients that send nothing else (RFC 9110, 13.2.2).
    """
    if request.method not in {"GET", "HEAD"}:
        return False
    tags = request.headers.get("If-None-Match")
    if tags is not None:
        return parse_etags(tags.strip()).contains_weak(edition.tag)
    since = parse_date(request.headers.get("If-Modified-Since"))
    return since is not None and edition.last_modified <= since


def accepts_gzip(request: Request) -> bool:
    """Tell whether the client asked for gzip; silence means the plain form."""
    accepted = request.accept_encodings
    return accepted.quality("gzip") > 0 and accepted.quality("gzip") >= accepted.quality("identity")


def respond(request: Request, edition: Edition, file_name: str, produce: Callable[[], bytes]) -> Response:
    """Answer a request for a feed: 304 where the client has it, else the bytes of `produce()`.

    `produce` runs only when it must. `file_name` is any name, made safe here. The answer sets no cookie.
    """
    headers = feed_headers(edition)
    if is_unchanged(request, edition):
        return Response(status=304, headers=headers)
    body = produce()
    if accepts_gzip(request):
        body = gzip.compress(body, GZIP_LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    headers["Content-Disposition"] = f'inline; filename="{safe_file_name(file_name)}"'
    return Response(body, headers=headers, content_type=CONTENT_TYPE)


def feed_headers(edition: Edition) -> Headers:
    """List the headers every answer about a feed carries, 304 included."""
    return Headers(
        {
            "ETag": edition.etag,
            "Last-Modified": http_date(edition.last_modified),
            "Cache-Control": f"private, max-age={MAX_AGE}",
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex",
            "Referrer-Policy": "no-referrer",
        }
    )


def safe_file_name(name: str) -> str:
    """Make a file name of plain letters for a calendar: `Cuisine de l’Écluse` → `cuisine-de-l-ecluse.ics`."""
    letters = unicodedata.normalize("NFKD", name.lower().replace("œ", "oe").replace("æ", "ae"))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    words = re.findall(r"[a-z0-9]+", plain)
    return f"{'-'.join(words)[:60].strip('-') or 'agenda'}.ics"
