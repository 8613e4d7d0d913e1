"""The form every letter has: the functions of this package decide what it says, two templates how it looks."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import current_app, url_for
from flask_babel import gettext as _

from app.core.span import to_wall
from app.infra.mail import Message
from app.web.format import clock_time, day


@dataclass(frozen=True, slots=True)
class Link:
    """Something to press or to copy: an absolute address and what it does."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One e-mail, in words: read from top to bottom in this order, in the language of whoever reads it.

    `quote` is what a person wrote (a reason, a message); the last of `paragraphs` introduces it. `after` says what
    happens next. `facts` are pairs of a label and a text that may have several lines.
    """

    subject: str
    paragraphs: tuple[str, ...]
    quote: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    action: Link | None = None
    after: tuple[str, ...] = ()
    second: Link | None = None
    name: str = ""  # whom it greets; left out where anybody may have typed it
    signed: str = ""  # the territory, where there is one
    footer: str = ""

    @property
    def greeting(self) -> str:
        """Say hello, by name where the name is sure."""
        return _("Hello %(name)s,", name=self.name) if self.name else _("Hello,")

    @property
    def signature(self) -> str:
        """Say who writes."""
        return _("Mutualim, for %(territory)s", territory=self.signed) if self.signed else "Mutualim"


def message(letter: Letter, to: str, locale: str) -> Message:
    """Write a letter in both forms, for people who read HTML and for those who do not.

    The templates are rendered without the context of pages: a job has no request, no reader, no session.
    """
    pages = current_app.jinja_env
    language = "en" if locale == "en" else "fr"
    text = pages.get_template("notifications/mail/letter.txt").render(letter=letter)
    html = pages.get_template("notifications/mail/letter.html").render(letter=letter, language=language)
    return Message(to, letter.subject, text.strip() + "\n", html.strip() + "\n")


def link(label: str, endpoint: str, **values: str) -> Link:
    """Make an absolute link to a page; outside a request its host is that of BASE_URL, never one a visitor sent."""
    return Link(label, url_for(endpoint, _external=True, **values))


def instant(at: datetime, tz: str) -> str:
    """Write an instant without "today": a letter may be read on another day."""
    wall = to_wall(at, ZoneInfo(tz))
    return _("%(day)s at %(time)s", day=day(wall.date()), time=clock_time(wall))


def rows(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """Keep the facts that have something to say."""
    return tuple((label, text) for label, text in pairs if text)
