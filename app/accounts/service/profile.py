"""Keeping one's own account: profile, password, address, devices."""

from app.accounts import queries
from app.accounts.errors import EmailTaken, SameEmail, WrongPassword
from app.accounts.events import EmailChangeAsked, EmailChanged, KnownEmailUsed, SignedOutEverywhere
from app.accounts.models import OneTimeToken, Person, TokenPurpose
from app.accounts.passwords import hash_password, matches
from app.accounts.rules import EMAIL_CHANGE_LIFE, LOCALES, Attempt, check_password, normal_email, normal_phone
from app.accounts.service import limits, links
from app.accounts.service.entrance import set_password
from app.accounts.service.locks import one_at_a_time, own_person
from app.accounts.service.tokens import end_tokens
from app.core.errors import Invalid
from app.core.ids import new_public_id
from app.core.policy import VISITOR, Actor
from app.infra.audit import record
from app.infra.events import emit
from app.infra.uow import atomic


def edit_profile(actor: Actor, *, name: str, phone: str, locale: str) -> None:
    """Change one's name, phone and language; raise BadPhone, Invalid."""
    phone = normal_phone(phone)
    if locale not in LOCALES or not name.strip():
        raise Invalid(field="locale" if name.strip() else "name")
    with atomic():
        person = own_person(actor.person_id)
        person.name, person.phone, person.locale = name.strip(), phone, locale


def change_password(actor: Actor, *, present: str, password: str, address: str | None = None) -> int:
    """Set a new password, sign every device out and give the new session epoch.

    Who never had a password (came by link) gives none. Raise WrongPassword, WeakPassword, TooMany.
    """
    person = _own(actor)
    check_password(password, email=person.email, name=person.name)
    prove(person, present, address)
    password_hash = hash_password(password)
    with atomic():
        person = own_person(actor.person_id)
        set_password(person, password_hash, actor)
        return person.session_epoch


def sign_out_everywhere(actor: Actor, *, links_too: bool = False) -> int:
    """End every session and remembered device of the person; give the new session epoch.

    With `links_too`, API tokens and calendar links end as well.
    """
    with atomic():
        person = own_person(actor.person_id)
        person.session_epoch += 1
        links.void(person.id, TokenPurpose.SIGN_IN, TokenPurpose.ERASE)
        record("person", person.id, "signed_out_everywhere", actor)
        if links_too:
            end_tokens(actor, person.id)
        emit(SignedOutEverywhere(person.id, "asked", links_too))
        return person.session_epoch


def ask_email_change(actor: Actor, *, email: str, password: str, address: str | None = None) -> None:
    """Ask both addresses to confirm a change; raise BadEmail, SameEmail, WrongPassword, TooMany.

    When the new address has an account, the answer is the same; its owner is told instead of asked.
    """
    email = normal_email(email)
    person = _own(actor)
    if email == person.email:
        raise SameEmail(field="email")
    prove(person, password, address)
    with atomic() as session:
        person = own_person(actor.person_id)
        links.void(person.id, TokenPurpose.EMAIL_OLD, TokenPurpose.EMAIL_NEW)
        change = {"email": email, "change": new_public_id()}
        old_secret, expires_at = links.issue(person, TokenPurpose.EMAIL_OLD, EMAIL_CHANGE_LIFE, **change)
        new_secret, _ = links.issue(person, TokenPurpose.EMAIL_NEW, EMAIL_CHANGE_LIFE, **change)
        session.flush()
        owner = queries.find_person_by_email(email)
        if owner and not owner.disabled_at:
            emit(KnownEmailUsed(queries.reader_of(owner)))
        to = queries.reader_of(person)
        emit(EmailChangeAsked(to, email, old_secret, None if owner else new_secret, expires_at))


def confirm_email_change(secret: str) -> bool:
    """Say yes at one address; tell whether the change is now done (else the other address is awaited).

    Raise NotFound, LinkUsed, LinkExpired, EmailTaken.
    """
    with atomic():
        token = links.consume(secret, TokenPurpose.EMAIL_OLD, TokenPurpose.EMAIL_NEW)
        person, email = token.person, str(token.payload["email"])  # locked: both yeses may come at once
        if not _both_said_yes(token):
            return False
        one_at_a_time(f"email:{email}")
        if queries.find_person_by_email(email):
            raise EmailTaken(email=email)
        _change_email(person, email)
        return True


def find_email_change(person_id: int) -> str | None:
    """Tell the new address a person waits for, if a change is under way."""
    token = queries.find_open_token(person_id, TokenPurpose.EMAIL_NEW) or queries.find_open_token(
        person_id, TokenPurpose.EMAIL_OLD
    )
    return str(token.payload["email"]) if token else None


def correct_email(person_id: int, email: str, actor: Actor = VISITOR) -> None:
    """Set an address without asking (command line: the person lost the mailbox); raise EmailTaken."""
    email = normal_email(email)
    with atomic():
        person = own_person(person_id)
        one_at_a_time(f"email:{email}")
        if queries.find_person_by_email(email):
            raise EmailTaken(email=email)
        _change_email(person, email, actor)


def _own(actor: Actor) -> Person:
    return queries.get_person(actor.person_id or 0)


def prove(person: Person, password: str, address: str | None) -> None:
    """Check the present password before something grave; who never chose one has none to give.

    Raise WrongPassword, TooMany. Not inside a use case: hashing must not hold locks.
    """
    if person.password_hash is None:
        return
    stored, email = person.password_hash, person.email
    attempt_id = limits.count_try(Attempt.PASSWORD, email, address)
    if not matches(password, stored):
        raise WrongPassword(field="present")
    with atomic():
        limits.mark_success(attempt_id)


def _both_said_yes(token: OneTimeToken) -> bool:
    change = token.payload["change"]
    answers = queries.tokens_of(token.person_id, TokenPurpose.EMAIL_OLD, TokenPurpose.EMAIL_NEW)
    return all(t.used_at for t in answers if t.payload.get("change") == change)


def _change_email(person: Person, email: str, actor: Actor = VISITOR) -> None:
    old_email = person.email
    person.email = email
    links.void(person.id, *TokenPurpose)  # they were sent to the former address
    record("person", person.id, "email_changed", actor)
    emit(EmailChanged(queries.reader_of(person), old_email))
