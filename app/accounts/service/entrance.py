"""Getting in: signing up, signing in with a password or a link, resetting a password.

None of these tells whether an account exists: the same answer, the same hashing, and the rest goes by mail.
"""

from dataclasses import dataclass

from app.accounts import queries
from app.accounts.errors import BadEmail, WrongCredentials
from app.accounts.events import (
    KnownEmailUsed,
    PasswordChanged,
    PasswordResetAsked,
    PersonSignedUp,
    SignedOutEverywhere,
    SignInLinkAsked,
)
from app.accounts.models import Person, TokenPurpose
from app.accounts.passwords import hash_password, is_outdated, matches
from app.accounts.rules import (
    RESET_LIFE,
    SIGN_IN_LINK_LIFE,
    VERIFY_LIFE,
    Attempt,
    check_password,
    normal_email,
    normal_phone,
)
from app.accounts.service import limits, links
from app.accounts.service.locks import one_at_a_time
from app.accounts.service.tokens import end_tokens
from app.core import clock
from app.core.ids import new_public_id
from app.core.policy import VISITOR, Actor
from app.infra.audit import record
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic


def sign_up(
    *,
    name: str,
    email: str,
    password: str,
    phone: str = "",
    locale: str = "fr",
    next_url: str = "",
    address: str | None = None,
) -> None:
    """Open an account that works once its address is confirmed; a known address gets another mail instead.

    Raise BadEmail, BadPhone, WeakPassword, TooMany. What was typed is kept with the link, so that it is the
    person who holds the mailbox, not whoever typed its address first, who decides on name and password.
    """
    email, name, phone = normal_email(email), name.strip(), normal_phone(phone)
    check_password(password, email=email, name=name)
    limits.count_try(Attempt.SIGN_UP, email, address)
    typed = {"name": name, "phone": phone, "password_hash": hash_password(password), "next": next_url}
    with atomic() as session:
        one_at_a_time(f"email:{email}")
        person = queries.find_person_by_email(email)
        if person and (person.verified_at or person.disabled_at):
            if not person.disabled_at:
                emit(KnownEmailUsed(queries.reader_of(person)))
            return
        if not person:
            person = _new_person(email, name, locale)
            session.add(person)
        secret, expires_at = links.issue(person, TokenPurpose.VERIFY, VERIFY_LIFE, **typed)
        session.flush()
        emit(PersonSignedUp(queries.reader_of(person), secret, expires_at))


def verify(secret: str) -> tuple[int, str]:
    """Confirm the address of a new account; give the person's id and the page to go on to."""
    with atomic():
        token = links.consume(secret, TokenPurpose.VERIFY)
        person, typed = token.person, token.payload
        if not person.verified_at:
            person.name, person.phone = typed["name"], typed["phone"]
            person.password_hash = typed["password_hash"]
            _confirm(person)
        return person.id, str(typed.get("next", ""))


def sign_in(email: str, password: str, address: str | None = None) -> int:
    """Check a password and give the person's id; raise WrongCredentials or TooMany.

    Two short transactions around the hashing, which must not hold the write lock for its 30 ms.
    """
    try:
        email = normal_email(email)
    except BadEmail:
        email = email.strip().lower()[:254]
    attempt_id = limits.count_try(Attempt.PASSWORD, email, address)
    person = queries.find_person_by_email(email)
    stored = person.password_hash if person and person.verified_at and not person.disabled_at else None
    if not matches(password, stored) or person is None:
        raise WrongCredentials
    person_id = person.id
    renewed = hash_password(password) if stored and is_outdated(stored) else None
    with atomic():
        limits.mark_success(attempt_id)
        if renewed:
            queries.get_person(person_id).password_hash = renewed
    return person_id


def ask_link(email: str, *, next_url: str = "", address: str | None = None) -> None:
    """Send a link to sign in without a password, if there is an account; raise BadEmail or TooMany."""
    email = normal_email(email)
    limits.count_try(Attempt.LINK, email, address)
    with atomic() as session:
        person = queries.find_person_by_email(email)
        if person and not person.disabled_at:
            secret, expires_at = links.issue(person, TokenPurpose.SIGN_IN, SIGN_IN_LINK_LIFE, next=next_url)
            session.flush()
            emit(SignInLinkAsked(queries.reader_of(person), secret, expires_at))


def use_link(secret: str) -> tuple[int, str]:
    """Sign in by link: give the person's id and the page to go on to. The link proves the address too."""
    with atomic():
        token = links.consume(secret, TokenPurpose.SIGN_IN)
        _confirm(token.person)
        return token.person_id, str(token.payload.get("next", ""))


def ask_reset(email: str, *, address: str | None = None) -> None:
    """Send a link to choose a new password, if there is an account; raise BadEmail or TooMany."""
    email = normal_email(email)
    limits.count_try(Attempt.RESET, email, address)
    with atomic() as session:
        person = queries.find_person_by_email(email)
        if person and not person.disabled_at:
            secret, expires_at = links.issue(person, TokenPurpose.RESET, RESET_LIFE)
            session.flush()
            emit(PasswordResetAsked(queries.reader_of(person), secret, expires_at))


def reset_password(secret: str, password: str, *, links_too: bool = False) -> int:
    """Set a new password by link, sign every device out, and give the person's id; raise WeakPassword.

    API tokens end too, calendar links with `links_too`: whoever knew the old password may have made some.
    """
    person = queries.find_token(secret, TokenPurpose.RESET).person
    check_password(password, email=person.email, name=person.name)
    password_hash = hash_password(password)
    with atomic():
        person = links.consume(secret, TokenPurpose.RESET).person
        _confirm(person)
        set_password(person, password_hash, VISITOR)
        end_tokens(VISITOR, person.id)
        emit(SignedOutEverywhere(person.id, "password_reset", links_too))
        return person.id


def set_password(person: Person, password_hash: str, actor: Actor) -> None:
    """Change a password inside a use case: other devices are signed out, open links end, the owner is told."""
    person.password_hash = password_hash
    person.session_epoch += 1
    others = (TokenPurpose.RESET, TokenPurpose.SIGN_IN, TokenPurpose.VERIFY, TokenPurpose.ERASE)
    links.void(person.id, *others)
    limits.forgive(Attempt.PASSWORD, person.email)
    record("person", person.id, "password_changed", actor)
    emit(PasswordChanged(queries.reader_of(person), clock.now()))


@dataclass(frozen=True)
class NewAccount:
    """What opens an account, already in normal form."""

    email: str
    name: str
    phone: str = ""
    password_hash: str | None = None
    locale: str = "fr"


def put_account(typed: NewAccount) -> Person:
    """Find or open, inside a use case, the account of an address that needs no proof; it is confirmed after."""
    one_at_a_time(f"email:{typed.email}")
    person = queries.find_person_by_email(typed.email)
    if person is None:
        person = _new_person(typed.email, typed.name, typed.locale)
        db.session.add(person)
    if not person.verified_at:
        person.name, person.phone, person.password_hash = typed.name, typed.phone, typed.password_hash
    db.session.flush()
    _confirm(person)
    return person


def open_verified_account(
    *,
    name: str,
    email: str,
    password: str | None = None,
    phone: str = "",
    locale: str = "fr",
    is_admin: bool = False,
) -> int:
    """Open an account whose address needs no proof (from the command line, or the demo); give the person's id.

    A confirmed account keeps its name and password. Raise BadEmail, BadPhone, WeakPassword.
    """
    email, phone = normal_email(email), normal_phone(phone)
    if password is not None:
        check_password(password, email=email, name=name)
    password_hash = hash_password(password) if password is not None else None
    with atomic():
        person = put_account(NewAccount(email, name.strip(), phone, password_hash, locale))
        if is_admin and not person.is_platform_admin:
            person.is_platform_admin = True
            record("person", person.id, "made_platform_admin", VISITOR)
        return person.id


def _confirm(person: Person) -> None:
    if not person.verified_at:
        person.verified_at = person.seen_at = clock.now()
        links.void(person.id, TokenPurpose.VERIFY)
        record("person", person.id, "verified", VISITOR)


def _new_person(email: str, name: str, locale: str) -> Person:
    return Person(
        public_id=new_public_id(),
        email=email,
        name=name,
        locale=locale,
        created_at=clock.now(),
        session_epoch=0,
    )
