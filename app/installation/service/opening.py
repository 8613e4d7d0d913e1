"""From an empty database to its administrator: the code that only whoever runs the server can read."""

from sqlalchemy import delete

from app.accounts import service as accounts
from app.accounts.rules import Attempt, address_bucket
from app.accounts.service import limits
from app.accounts.service.locks import one_at_a_time
from app.core import clock, ids
from app.core.errors import NotFound
from app.infra.uow import atomic
from app.installation import queries
from app.installation.errors import WrongCode
from app.installation.models import InstallationCode
from app.installation.rules import hash_code, is_code, new_code

_LOCK = "installation"


def renew_code() -> str | None:
    """Draw the code of this installation, which ends the one before; None once somebody runs the platform."""
    code = new_code()
    with atomic() as session:
        one_at_a_time(_LOCK)
        if queries.is_installed():
            return None
        session.execute(delete(InstallationCode))
        session.add(
            InstallationCode(public_id=ids.new_public_id(), code_hash=hash_code(code), created_at=clock.now())
        )
    return code


def check_code(typed: str, address: str | None = None) -> str:
    """Give what a browser keeps to go on, once it has shown the code; raise WrongCode, TooMany, NotFound.

    Tries are counted by address only: a stranger cannot shut out whoever reads the server's log.
    """
    attempt_id = limits.count_try(Attempt.INSTALLATION, f"installation:{address_bucket(address)}", address)
    if queries.is_installed():
        raise NotFound(page="installation")
    code = queries.find_code()
    if not is_code(typed, code.code_hash if code else "") or code is None:
        raise WrongCode(field="code")
    kept = code.public_id
    with atomic():
        limits.mark_success(attempt_id)
    return kept


def open_administrator(kept: str, *, name: str, email: str, password: str, locale: str = "fr") -> int:
    """Open the account that runs the platform and end the code; give the person's id.

    Raise NotFound once there is one, WrongCode when the code was replaced meanwhile, BadEmail, WeakPassword.
    """
    with atomic() as session:
        one_at_a_time(_LOCK)
        if queries.is_installed():
            raise NotFound(page="installation")
        code = queries.find_code()
        if code is None or code.public_id != kept:
            raise WrongCode
        person_id = accounts.open_verified_account(
            name=name, email=email, password=password, locale=locale, is_admin=True
        )
        session.delete(code)
    return person_id
