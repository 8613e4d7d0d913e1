"""E-mails: in their wire form, into the folder, to a server, and on the page of a developer's machine."""

import socket
import threading
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest

from app.infra import mail
from app.infra.mail import Message

HELLO = Message(
    "aïcha@example.org", "Votre demande\n est acceptée", "Bonjour !\nhttps://example.org/r/ABC?x=1&y=2\n"
)


@pytest.fixture
def settings(app):
    return app.config["MUTUALIM"]


def read(letter):
    return message_from_bytes(letter.as_bytes(), policy=default)


def test_an_email_has_all_that_mail_servers_expect(settings, frozen):
    plain = read(mail.compose(replace(HELLO, to="aicha@example.org"), settings))
    assert plain["Subject"] == "Votre demande est acceptée"
    assert plain["To"] == "aicha@example.org"
    assert plain["Date"].datetime == frozen.now
    assert plain["Auto-Submitted"] == "auto-generated"
    assert plain["Message-ID"].endswith(f"@{settings.uid_host}>")
    assert plain.get_content_type() == "text/plain"
    assert plain.get_content().replace("\r\n", "\n") == HELLO.text


def test_html_comes_second_to_text_and_headers_are_added(settings):
    message = Message("a@example.org", "x", "texte", "<p>html</p>", {"Reply-To": "b@example.org"})
    letter = read(mail.compose(message, settings))
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    assert letter["Reply-To"] == "b@example.org"


@pytest.mark.parametrize("before", range(80))
def test_a_subject_with_accents_keeps_its_spaces_wherever_it_is_folded(settings, before):
    words = "Demande acceptée : Légumerie (épluchage, découpe), l’été à Nort ; à très bientôt pour la suite"
    subject = f"{'x' * before} {words} {words}".strip()
    letter = mail.compose(replace(HELLO, to="a@example.org", subject=subject), settings)
    assert read(letter)["Subject"] == subject
    header = letter.as_bytes().split(b"Subject:")[1].split(b"Date:")[0]
    assert all(len(line) <= 78 for line in header.split(b"\r\n"))


def test_a_line_break_in_a_header_is_refused(settings):
    with pytest.raises(ValueError, match=r"(?i)header|linefeed|newline|carriage"):
        mail.compose(Message("a@example.org\nBcc: all@example.org", "x", "x"), settings)


def test_without_a_server_the_folder_keeps_it_and_the_page_shows_it(client, app, settings):
    with app.app_context():
        mail.deliver(Message("a@example.org", "Bienvenue", "Cliquez : https://example.org/lien"))
    (letter, *_) = mail.kept(settings.mail_dir)
    assert (letter.to, letter.subject) == ("a@example.org", "Bienvenue")
    assert "Bienvenue" in client.get("/dev/courriels").text
    shown = client.get(f"/dev/courriels/{letter.name}").text
    assert 'href="https://example.org/lien"' in shown


@pytest.mark.parametrize("name", ["nothing", "..%2f..%2fsecret_key", "20260901T080000000000-00000000"])
def test_other_files_are_not_shown(client, name):
    assert client.get(f"/dev/courriels/{name}").status_code == 404


class SmtpServer(threading.Thread):
    """The least of a mail server: says yes, keeps what it was given."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lines: list[str] = []

    def run(self) -> None:
        link, _ = self.listener.accept()
        with link, link.makefile("rwb") as file:
            self._say(file, "220 hello")
            inside = False
            for raw in file:
                line = raw.decode().rstrip("\r\n")
                self.lines.append(line)
                if inside:
                    inside = line != "."
                    if not inside:
                        self._say(file, "250 kept")
                elif line.upper() == "DATA":
                    inside = True
                    self._say(file, "354 go on")
                elif line.upper() == "QUIT":
                    self._say(file, "221 bye")
                    return
                else:
                    self._say(file, "250 ok")

    @staticmethod
    def _say(file, words: str) -> None:
        file.write(f"{words}\r\n".encode())
        file.flush()


def test_a_mail_server_is_given_the_email(settings):
    server = SmtpServer()
    server.start()
    letter = mail.compose(Message("a@example.org", "Été", "Bonjour"), settings)
    with server.listener:
        mail._send(letter, f"smtp://127.0.0.1:{server.port}")
        server.join(5)
    assert "rcpt TO:<a@example.org>" in server.lines
    assert "Bonjour" in server.lines
