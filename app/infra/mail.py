"""Sending one e-mail: to the mail server, or into a folder where there is none (development, tests).

Called from job handlers only: a use case queues a job, and the job calls `deliver` after the commit.
"""

import secrets
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy, default
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from flask import current_app

from app.core import clock
from config import Config

TIMEOUT_SECONDS = 20


class _Folding(EmailPolicy):
    """Folds as the library does, but loses no space of a header with accents.

    The library leaves a space at which it folds outside the encoded words, and whoever reads drops what is between two
    of them (RFC 2047, 6.2): "(épluchage,découpe)". `Header` puts every space of an accented text into one of them.
    Of our headers only the subject is such a text.
    """

    def fold(self, name: str, value: Any) -> str:
        """Write a header in lines."""
        if str(value).isascii() or name.lower() != "subject":
            return super().fold(name, value)
        text = Header(str(value), "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {text}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Write a header in lines, as bytes."""
        return self.fold(name, value).encode("ascii")


WIRE: Final = _Folding(linesep="\r\n")


@dataclass(frozen=True, slots=True)
class Message:
    """An e-mail as the sender thinks of it; `headers` are added as they are (Reply-To, List-Unsubscribe…)."""

    to: str
    subject: str
    text: str
    html: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kept:
    """An e-mail found in the folder of a development installation."""

    name: str
    to: str
    subject: str
    date: str
    text: str


def deliver(message: Message) -> None:
    """Hand the e-mail to the mail server, or write it to the mail folder; raise if it was not taken."""
    config: Config = current_app.config["MUTUALIM"]
    letter = compose(message, config)
    if config.mail_url:
        _send(letter, config.mail_url)
    else:
        _keep(letter, config.mail_dir)


def compose(message: Message, config: Config) -> EmailMessage:
    """Write the e-mail in its wire form; a line break in a header is refused by the library."""
    letter = EmailMessage(policy=WIRE)
    letter["From"] = config.mail_from
    letter["To"] = message.to
    letter["Subject"] = " ".join(message.subject.split())
    letter["Date"] = format_datetime(clock.now())
    letter["Message-ID"] = make_msgid(domain=config.uid_host)
    letter["Auto-Submitted"] = "auto-generated"  # asks absence assistants not to answer
    for name, value in message.headers.items():
        letter[name] = value
    letter.set_content(message.text, cte="quoted-printable")
    if message.html is not None:
        letter.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return letter


def kept(folder: Path) -> list[Kept]:
    """List the e-mails of a folder, newest first."""
    return [read_kept(path) for path in sorted(folder.glob("*.eml"), reverse=True)]


def read_kept(path: Path) -> Kept:
    """Read one e-mail of the folder."""
    from email import message_from_bytes  # noqa: PLC0415  # only a developer's machine reads mail

    letter = message_from_bytes(path.read_bytes(), policy=default)
    body = letter.get_body(("plain",))
    text = str(body.get_content()).replace("\r\n", "\n") if body else ""
    return Kept(path.stem, str(letter["To"]), str(letter["Subject"]), str(letter["Date"]), text)


def _keep(letter: EmailMessage, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{clock.now():%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
    draft = folder / f".{name}"
    draft.write_bytes(letter.as_bytes())
    draft.replace(folder / f"{name}.eml")  # a reader never sees half a letter


def _send(letter: EmailMessage, url: str) -> None:
    server = urlsplit(url)
    host, context = server.hostname or "localhost", ssl.create_default_context()
    if server.scheme == "smtps":
        link: smtplib.SMTP = smtplib.SMTP_SSL(
            host, server.port or 465, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        link = smtplib.SMTP(host, server.port or 587, timeout=TIMEOUT_SECONDS)
    with link:
        link.ehlo()
        if server.scheme == "smtp" and link.has_extn("starttls"):
            link.starttls(context=context)
        elif server.scheme == "smtp" and server.password and host not in ("localhost", "127.0.0.1"):
            raise smtplib.SMTPNotSupportedError(f"{host} offers no encryption; the password stays here")
        if server.username:
            link.login(unquote(server.username), unquote(server.password or ""))
        link.send_message(letter)
