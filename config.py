"""The settings of one installation, read once from the environment and checked as a whole.

Everything an operator can set is a field of `Config`; the table in README.md is the same list. Nothing else
in the project reads the environment.
"""

import contextlib
import math
import os
import re
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent

Environment = Literal["development", "production", "testing"]

_PLACEHOLDERS = ("changeme", "change-me", "change_me", "secret-key", "secret_key", "secretkey", "password",
                 "motdepasse", "placeholder", "replace", "example", "development", "mutualim")  # fmt: skip
_TESTING_KEY = "for-tests-only-6f1c0c2b7e9a4d35b8"
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class ConfigError(Exception):
    """The environment cannot be used; the text lists every problem, so that one round of repair is enough."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("The configuration has problems:\n" + "\n".join(f"  - {p}" for p in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Config:
    """What this installation is: where it listens, what it stores where, how it sends mail."""

    env: Environment
    secret_key: str
    database_url: str
    host: str
    port: int
    base_url: str
    uid_host: str
    mail_url: str | None
    mail_from: str
    data_dir: Path
    workers: int
    threads: int
    embedded_worker: bool
    session_hours: int
    remember_days: int
    trusted_proxies: int
    log_level: str
    publisher: str
    publisher_contact: str
    publication_director: str
    hosting: str
    security_contact: str
    source_url: str
    open_development: bool
    stripe_secret_key: str
    stripe_webhook_secret: str
    stripe_simulation: bool

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Config":
        """Read and check the environment; raise `ConfigError` with all problems at once."""
        return _Reader(os.environ if environ is None else environ).config()

    @property
    def is_development(self) -> bool:
        """Tell whether conveniences of a developer's machine are on (mail in a folder, generated secret)."""
        return self.env != "production"

    @property
    def has_dev_pages(self) -> bool:
        """Tell whether kept e-mails, sign-in links and all, may be read on pages: only where nobody else comes."""
        here = is_loopback(self.host) and is_loopback(urlsplit(self.base_url).hostname or "")
        return self.is_development and (here or self.open_development)

    @property
    def has_stripe(self) -> bool:
        """Tell whether organisations can be paid through Stripe, or through what stands for it in a demo."""
        return bool(self.stripe_secret_key) or self.stripe_simulation

    @property
    def is_sqlite(self) -> bool:
        """Tell whether the database is a file beside us."""
        return self.database_url.startswith("sqlite")

    @property
    def mail_dir(self) -> Path:
        """Name the folder that receives mail when no mail server is set."""
        return self.data_dir / "mail"

    def flask_settings(self) -> dict[str, Any]:
        """Give the settings in the form Flask and its extensions read; `MUTUALIM` is this object itself."""
        url = urlsplit(self.base_url)
        secure = url.scheme == "https"
        settings: dict[str, Any] = {
            "MUTUALIM": self,
            "TESTING": self.env == "testing",
            "SECRET_KEY": self.secret_key,
            "SERVER_NAME": url.netloc,  # for links written by the worker; it does not restrict requests
            "PREFERRED_URL_SCHEME": url.scheme,
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SQLALCHEMY_ENGINE_OPTIONS": self._engine_options(),
            "SESSION_COOKIE_NAME": "mutualim",
            "SESSION_COOKIE_SECURE": secure,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_REFRESH_EACH_REQUEST": False,  # app.accounts.identity prolongs it
            "PERMANENT_SESSION_LIFETIME": timedelta(hours=self.session_hours),
            "REMEMBER_COOKIE_DURATION": timedelta(days=self.remember_days),
            "REMEMBER_COOKIE_SECURE": secure,
            "REMEMBER_COOKIE_HTTPONLY": True,
            "REMEMBER_COOKIE_SAMESITE": "Lax",
            "WTF_CSRF_TIME_LIMIT": None,  # a form left open over lunch must still be accepted
            "MAX_CONTENT_LENGTH": 9 * 1024 * 1024,
            "MAX_FORM_MEMORY_SIZE": 500_000,
            "MAX_FORM_PARTS": 1_000,
            "BABEL_DEFAULT_LOCALE": "fr",
            "BABEL_DEFAULT_TIMEZONE": "Europe/Paris",
            "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
        }
        if self.env == "production":
            settings["TRUSTED_HOSTS"] = [url.hostname or "", "localhost", "127.0.0.1"]
        return settings

    def _engine_options(self) -> dict[str, Any]:
        if self.is_sqlite:
            return {"connect_args": {"timeout": 20}}
        return {
            "pool_size": self.threads + 2,  # request threads, the worker, one spare
            "max_overflow": 4,
            "connect_args": {"options": "-c timezone=UTC", "connect_timeout": 10},
        }


class _Reader:
    """Reads one environment, collecting problems instead of stopping at the first."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def config(self) -> Config:
        env = self._environment()
        data_dir = Path(self._text("DATA_DIR", str(ROOT / "var"))).expanduser().absolute()
        host, port = self._text("HOST", "127.0.0.1"), self._number("PORT", 8000, 1, 65535)
        base_url = self._base_url(env, port)
        contact = self._contact("PUBLISHER_CONTACT")
        config = Config(
            env=env,
            secret_key=self._secret_key(env, data_dir),
            database_url=self._database_url(data_dir),
            host=host,
            port=port,
            base_url=base_url,
            uid_host=self._text("UID_HOST", urlsplit(base_url).hostname or "localhost"),
            mail_url=self._mail_url(env),
            mail_from=self._mail_from(base_url),
            data_dir=data_dir,
            workers=self._number("WORKERS", 2, 1, 64),
            threads=self._number("THREADS", 4, 1, 64),
            embedded_worker=self._flag("EMBEDDED_WORKER", default=True),
            session_hours=self._number("SESSION_HOURS", 12, 1, 24 * 30),
            remember_days=self._number("REMEMBER_DAYS", 60, 1, 400),
            trusted_proxies=self._number("TRUSTED_PROXIES", 0, 0, 5),
            log_level=self._choice("LOG_LEVEL", "INFO", _LOG_LEVELS),
            publisher=self._text("PUBLISHER", ""),
            publisher_contact=contact,
            publication_director=self._text("PUBLICATION_DIRECTOR", ""),
            hosting=self._text("HOSTING", ""),
            security_contact=self._contact("SECURITY_CONTACT") or contact,
            source_url=self._link("SOURCE_URL"),
            open_development=self._flag("OPEN_DEVELOPMENT", default=False),
            stripe_secret_key=self._text("STRIPE_SECRET_KEY", ""),
            stripe_webhook_secret=self._text("STRIPE_WEBHOOK_SECRET", ""),
            stripe_simulation=self._flag("STRIPE_SIMULATION", default=False),
        )
        self._check_stripe(config)
        if env == "development" and not config.has_dev_pages:
            self._refuse_open_development(config)
        if self.problems:
            raise ConfigError(self.problems)
        return config

    def _text(self, name: str, default: str) -> str:
        return self.environ.get(name, "").strip() or default

    def _number(self, name: str, default: int, low: int, high: int) -> int:
        raw = self._text(name, str(default))
        if raw.isascii() and raw.isdigit() and low <= int(raw) <= high:
            return int(raw)
        self.problems.append(f"{name} must be a whole number from {low} to {high}, not {raw!r}.")
        return default

    def _flag(self, name: str, *, default: bool) -> bool:
        raw = self._text(name, "1" if default else "0").lower()
        if raw not in _YES + _NO:
            self.problems.append(f"{name} must be 1 or 0, not {raw!r}.")
        return raw in _YES

    def _choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        raw = self._text(name, default)
        if raw.upper() in allowed:
            return raw.upper()
        self.problems.append(f"{name} must be one of {', '.join(allowed)}, not {raw!r}.")
        return default

    def _contact(self, name: str) -> str:
        """Read an optional e-mail address, bare."""
        raw = self._text(name, "")
        if raw and not re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;]+", raw):
            self.problems.append(
                f"{name} must be an e-mail address such as bonjour@example.org, not {raw!r}."
            )
        return raw

    def _link(self, name: str) -> str:
        """Read an optional web address."""
        raw = self._text(name, "")
        if raw and not re.fullmatch(r"https?://[^\s/]\S*", raw):
            self.problems.append(
                f"{name} must be a web address such as https://example.org/mutualim, not {raw!r}."
            )
        return raw

    def _environment(self) -> Environment:
        raw = self._text("MUTUALIM_ENV", "development").lower()
        for known in get_args(Environment):
            if raw == known:
                return known  # type: ignore[no-any-return]
        known_words = ", ".join(get_args(Environment))
        self.problems.append(f"MUTUALIM_ENV must be one of {known_words}, not {raw!r}.")
        return "production"  # the strictest reading, so that the remaining problems are found too

    def _refuse_open_development(self, config: Config) -> None:
        """Development shows every e-mail, sign-in links included, to whoever can open a page."""
        name, wrong = ("BASE_URL", config.base_url) if is_loopback(config.host) else ("HOST", config.host)
        self.problems.append(
            f"{name} is {wrong!r}, reachable by others, but MUTUALIM_ENV=development shows all e-mails at "
            "/dev/courriels: set MUTUALIM_ENV=production, or HOST=127.0.0.1 and no BASE_URL (or, where everyone "
            "may read everything, OPEN_DEVELOPMENT=1)."
        )

    def _check_stripe(self, config: Config) -> None:
        """Real money only in production, and only there; both halves of Stripe's settings or none."""
        key, signing, mode = (
            config.stripe_secret_key,
            config.stripe_webhook_secret,
            "live" if config.env == "production" else "test",
        )
        if config.stripe_simulation and (mode == "live" or key):
            self.problems.append(
                "STRIPE_SIMULATION stands for Stripe where no money is: not in production, and not beside "
                "STRIPE_SECRET_KEY. Remove one of them."
            )
        elif key and not re.fullmatch(rf"[sr]k_{mode}_[A-Za-z0-9]{{16,}}", key):
            self.problems.append(
                f"STRIPE_SECRET_KEY must begin with sk_{mode}_ or rk_{mode}_ when MUTUALIM_ENV={config.env}, as "
                "Stripe's dashboard shows it; leave it out to do without Stripe."
            )
        elif bool(key) != bool(signing) or (
            signing and not re.fullmatch(r"whsec_[A-Za-z0-9+/=]{16,}", signing)
        ):
            self.problems.append(
                "STRIPE_WEBHOOK_SECRET (whsec_…, of the endpoint for connected accounts) goes with STRIPE_SECRET_KEY: "
                "set both, or neither."
            )

    def _secret_key(self, env: Environment, data_dir: Path) -> str:
        key = self.environ.get("SECRET_KEY", "").strip()
        if not key and env == "testing":
            return _TESTING_KEY
        if not key and env == "development":
            return _kept_secret(data_dir / "secret_key")
        if env == "production" and (weakness := _weakness(key)):
            self.problems.append(
                f"SECRET_KEY {weakness}; make one with: "
                "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        return key

    def _database_url(self, data_dir: Path) -> str:
        url = self._text("DATABASE_URL", f"sqlite:///{data_dir / 'mutualim.sqlite3'}")
        scheme, _, rest = url.partition("://")
        if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
            return f"postgresql+psycopg://{rest}"
        if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
            path = rest[1:]
            return f"sqlite:///{path if path.startswith('/') else ROOT / path}"
        self.problems.append(
            "DATABASE_URL must start with postgresql:// or be a file: sqlite:////absolute/path or "
            f"sqlite:///path/under/the/project (the scheme here is {scheme!r})."
        )
        return url

    def _base_url(self, env: Environment, port: int) -> str:
        raw = self.environ.get("BASE_URL", "").strip().rstrip("/")
        if not raw:
            if env == "production":
                self.problems.append(
                    "BASE_URL is missing: the public address, such as https://mutualim.example.org"
                )
            return f"http://127.0.0.1:{port}"
        parts = urlsplit(raw)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
            self.problems.append(f"BASE_URL must be https://HOST with no path, not {raw!r}.")
        elif env == "production" and parts.scheme != "https":
            self.problems.append(
                f"BASE_URL must be https in production, not {raw!r}: cookies and links depend on it."
            )
        return raw

    def _mail_url(self, env: Environment) -> str | None:
        raw = self.environ.get("MAIL_URL", "").strip()
        if not raw:
            if env == "production":
                self.problems.append(
                    "MAIL_URL is missing: smtp://user:password@host:587 (or smtps:// for port 465)."
                )
            return None
        try:
            parts = urlsplit(raw)
            valid = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            valid = False
        if not valid:
            self.problems.append(
                "MAIL_URL must look like smtp://user:password@host:587 or smtps://…@host:465."
            )
        return raw

    def _mail_from(self, base_url: str) -> str:
        host = urlsplit(base_url).hostname or "localhost"
        host = "mutualim.localhost" if host in ("localhost", "127.0.0.1") else host
        raw = self._text("MAIL_FROM", f"Mutualim <ne-pas-repondre@{host}>")
        if "@" not in raw or "\n" in raw or "\r" in raw:
            self.problems.append(
                f"MAIL_FROM must be an address such as Mutualim <bonjour@example.org>, not {raw!r}."
            )
        return raw


def is_loopback(host: str) -> bool:
    """Tell whether a host name means this machine only."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _weakness(key: str) -> str | None:
    """Say what is wrong with a secret, as the end of a sentence, or None when it is good enough."""
    if not key:
        return "is missing"
    if len(key) < 32:
        return f"is too short ({len(key)} characters, at least 32 are needed)"
    if any(word in key.lower() for word in _PLACEHOLDERS):
        return "is a placeholder"
    repeats = (key + key).find(key, 1) < len(key)
    counts = Counter(key).values()
    bits = -sum(n / len(key) * math.log2(n / len(key)) for n in counts)
    if repeats or bits < 3:
        return "is too regular to be random"
    return None


def _kept_secret(path: Path) -> str:
    """Read the developer's generated secret, making it on the first start (safe with two processes)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):  # of two simultaneous first starts, one names the file
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()
