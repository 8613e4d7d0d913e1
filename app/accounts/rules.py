"""Decisions about accounts that need no database: what is an organisation, a good password, one try too many."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from email_validator import EmailNotValidError, validate_email

from app.accounts.errors import BadEmail, BadPhone, WeakPassword
from app.core.ids import plain
from app.core.states import Machine

PRIORITY_CLASSES = ("P0", "P1", "P2", "P3", "P4")
LOCALES = ("fr", "en")
ROLES = ("member", "treasurer", "org_admin")

PASSWORD_MIN, PASSWORD_MAX = 10, 200

SIGN_IN_LINK_LIFE = timedelta(minutes=30)
RESET_LIFE = timedelta(minutes=60)
VERIFY_LIFE = timedelta(hours=24)
EMAIL_CHANGE_LIFE = timedelta(hours=24)
INVITATION_LIFE = timedelta(days=14)
UNVERIFIED_LIFE = timedelta(days=30)
ATTEMPT_LIFE = timedelta(days=1)
ERASURE_LIFE = timedelta(hours=24)

SEEN_STEP = timedelta(days=7)  # visits are noted to this precision: one write a week
IDLE_LIFE = timedelta(days=3 * 365) + SEEN_STEP  # without anybody coming, an account is erased…
IDLE_NOTICE = timedelta(days=30)  # …so long after the person was told
CONTACT_LIFE = timedelta(days=3 * 365)  # how to reach an organisation or a place, after it was archived
LOG_LIFE = timedelta(days=365)
LOGS = ("person", "access_token", "membership")  # lines of the history that no page shows

TOKEN_PREFIX = "mut_"  # noqa: S105  (a mark that leak scanners can look for, not a secret)


@dataclass(frozen=True)
class OrganisationKind:
    """What a kind of organisation may be in law, and the priority class it starts with."""

    natures: tuple[str, ...]
    priority: str


ORGANISATION_KINDS: Mapping[str, OrganisationKind] = {
    "association": OrganisationKind(("nonprofit",), "P2"),
    "commune": OrganisationKind(("public",), "P0"),
    "epci": OrganisationKind(("public",), "P0"),
    "ccas": OrganisationKind(("public",), "P1"),
    "public_body": OrganisationKind(("public",), "P2"),
    "school": OrganisationKind(("public", "nonprofit"), "P2"),
    "health": OrganisationKind(("public", "nonprofit", "company"), "P2"),
    "food_bank": OrganisationKind(("nonprofit",), "P1"),
    "social_grocery": OrganisationKind(("nonprofit", "public"), "P1"),
    "social_enterprise": OrganisationKind(("nonprofit", "company"), "P2"),
    "scic": OrganisationKind(("company",), "P2"),
    "cooperative": OrganisationKind(("company",), "P3"),
    "producer": OrganisationKind(("individual_farm", "company", "nonprofit"), "P3"),
    "company": OrganisationKind(("company",), "P4"),
}

MEMBERSHIP = Machine(
    "membership",
    {
        ("request", "none"): "requested",
        ("request", "refused"): "requested",
        ("request", "ended"): "requested",
        ("approve", "requested"): "active",
        ("refuse", "requested"): "refused",
        ("withdraw", "requested"): "ended",
        ("admit", "none"): "active",
        ("admit", "requested"): "active",
        ("admit", "refused"): "active",
        ("admit", "ended"): "active",
        ("end", "active"): "ended",
    },
)

ORGANISATION = Machine(
    "organisation",
    {
        ("approve", "pending"): "active",
        ("refuse", "pending"): "refused",
        ("withdraw", "pending"): "archived",  # who proposed it has left
        ("archive", "active"): "archived",
        ("take_back", "archived"): "active",
    },
)


def fits_in_law(kind: str, legal_nature: str) -> bool:
    """Tell whether an organisation of this kind can be of this legal nature."""
    return kind in ORGANISATION_KINDS and legal_nature in ORGANISATION_KINDS[kind].natures


def normal_email(raw: str) -> str:
    """Write an address the one way we keep it (lower case); raise BadEmail."""
    try:
        return validate_email(raw.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise BadEmail(field="email") from error


def normal_phone(raw: str) -> str:
    """Write a phone number as France reads it ("02 40 12 34 56"), others as +digits; empty stays empty."""
    digits = re.sub(r"[\s.\-()/\u00a0\u202f]", "", raw.replace("(0)", ""))
    if not digits:
        return ""
    digits = re.sub(r"^00", "+", digits)
    national = re.sub(r"^\+33", "0", digits)
    if re.fullmatch(r"0[1-9]\d{8}", national):
        return " ".join(re.findall("..", national))
    if re.fullmatch(r"\+[1-9]\d{7,14}", digits):
        return digits
    raise BadPhone(field="phone")


_COMMON = frozenset(
    plain(word)
    for word in (
        "password", "passw0rd", "motdepasse", "azertyuiop", "qwertyuiop", "azerty", "qwerty", "123456789",
        "1234567890", "0123456789", "9876543210", "0987654321", "iloveyou", "jetaime", "bonjour", "soleil", "doudou",
        "loulou", "chouchou", "marseille", "football", "administrateur", "administrator", "admin", "bienvenue",
        "welcome", "mutualim", "cuisine", "changeme", "changezmoi", "secret", "letmein", "abcdefghij", "abcdef",
        "qsdfghjklm", "wxcvbn", "1q2w3e4r5t", "a1z2e3r4t5", "nantes", "bretagne", "liberte",
    )
)  # fmt: skip


def check_password(password: str, *, email: str = "", name: str = "") -> None:
    """Raise WeakPassword with a `reason`: `short`, `long`, `personal`, `common` or `regular`."""
    if len(password) < PASSWORD_MIN:
        raise WeakPassword(field="password", reason="short", least=PASSWORD_MIN)
    if len(password) > PASSWORD_MAX:
        raise WeakPassword(field="password", reason="long", most=PASSWORD_MAX)
    folded = re.sub(r"\s", "", plain(password))
    if _is_personal(folded, email, name):
        raise WeakPassword(field="password", reason="personal")
    if len(set(folded)) < 4:
        raise WeakPassword(field="password", reason="regular")
    if _is_common(folded):
        raise WeakPassword(field="password", reason="common")


def _is_personal(folded: str, email: str, name: str) -> bool:
    own = [plain(email), plain(email).partition("@")[0], re.sub(r"\s", "", plain(name))]
    trimmed = folded.strip("0123456789!?.*-_")
    return any(word and word in (folded, trimmed) for word in own)


def _is_common(folded: str) -> bool:
    trimmed = folded.strip("!?.*-_$@ ")
    cores = {trimmed, trimmed.strip("0123456789"), trimmed.rstrip("0123456789")}
    halves = {trimmed[: len(trimmed) // 2]} if trimmed[: len(trimmed) // 2] * 2 == trimmed else set()
    return bool((cores | halves) & _COMMON) or (trimmed.isdigit() and _is_run(trimmed))


def _is_run(digits: str) -> bool:
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(digits)}
    return len(steps) == 1 and steps <= {0, 1, 9}


HUES = ("garden", "sea", "plum", "brick")  # static/css/tokens.css has them; the first is the usual one


class Attempt(StrEnum):
    """What is counted: tries of a password, what makes us send mail to an address, addresses nobody has."""

    PASSWORD = "password"  # noqa: S105
    LINK = "link"
    RESET = "reset"
    SIGN_UP = "sign_up"
    INVITE = "invite"
    LOOK_UP = "look_up"
    INSTALLATION = "installation"


@dataclass(frozen=True)
class Limit:
    """At most `most` tries within `within`."""

    most: int
    within: timedelta


_QUARTER = timedelta(minutes=15)
ACCOUNT_LIMITS = (Limit(5, _QUARTER), Limit(12, timedelta(hours=2)), Limit(30, timedelta(hours=24)))
ADDRESS_LIMITS = (Limit(30, _QUARTER), Limit(300, timedelta(hours=24)))


def seconds_to_wait(tries: Sequence[datetime], limits: Sequence[Limit], now: datetime) -> int:
    """Tell how long to wait (seconds, 0 = go on) before another try, given the instants of the counted ones."""
    newest = sorted(tries, reverse=True)
    waits = [newest[limit.most - 1] + limit.within - now for limit in limits if len(newest) >= limit.most]
    return max([0, *(int(wait.total_seconds()) + 1 for wait in waits if wait > timedelta(0))])


def is_seen_lately(seen_at: datetime | None, now: datetime) -> bool:
    """Tell whether a visit need not be noted again."""
    return seen_at is not None and now - seen_at < SEEN_STEP


def end_of_idle(since: datetime, warned_at: datetime) -> datetime:
    """Tell when the account of somebody who last came at `since` ends: after three years, and never unwarned."""
    return max(since + IDLE_LIFE, warned_at + IDLE_NOTICE)


def address_bucket(address: str | None) -> str:
    """Name what is counted together: one IPv4 address, or the /64 that one household has in IPv6."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.IPv6Network((ip, 64), strict=False).network_address)
    return str(ip)


def masked_email(email: str) -> str:
    """Show enough of an address to recognise one's own: "a•••@asso.example"."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}•••@{domain}"
