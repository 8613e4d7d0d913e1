"""The use cases of accounts: the only writer of people, organisations, memberships and roles."""

from app.accounts.leaving import Farewell
from app.accounts.service.archiving import Affairs, affairs_of, archive_organisation, take_back_organisation
from app.accounts.service.delegating import delegate, deputy_for, end_delegation
from app.accounts.service.departure import ask_erasure, erase_account, erase_by_link, said_in
from app.accounts.service.entrance import (
    ask_link,
    ask_reset,
    open_verified_account,
    reset_password,
    sign_in,
    sign_up,
    use_link,
    verify,
)
from app.accounts.service.food_aid import (
    AuthorisationFacts,
    confirm_authorisation,
    enter_authorisation,
    remind_authorisations,
    send_back_authorisation,
    withdraw_authorisation,
)
from app.accounts.service.members import (
    accept_invitation,
    add_member,
    approve_membership,
    change_role,
    end_membership,
    invite,
    join_by_invitation,
    refuse_membership,
    request_membership,
    revoke_invitation,
    withdraw_request,
)
from app.accounts.service.organisations import (
    OrganisationFacts,
    admit_organisation,
    create_organisation,
    edit_organisation,
    refuse_organisation,
)
from app.accounts.service.presence import note_presence, note_visit
from app.accounts.service.profile import (
    ask_email_change,
    change_password,
    confirm_email_change,
    correct_email,
    edit_profile,
    find_email_change,
    sign_out_everywhere,
)
from app.accounts.service.roles import (
    find_colleague,
    grant_coordinator,
    grant_site_manager,
    person_to_grant,
    revoke_coordinator,
    revoke_site_manager,
    set_functions,
)
from app.accounts.service.tokens import create_token, find_token_owner, revoke_token
from app.accounts.service.upkeep import erase_idle, forget_stale, warn_idle

__all__ = [
    "Affairs", "AuthorisationFacts", "Farewell", "OrganisationFacts", "accept_invitation", "add_member",
    "admit_organisation", "affairs_of", "approve_membership", "archive_organisation", "ask_email_change",
    "ask_erasure", "ask_link", "ask_reset", "change_password", "change_role", "confirm_authorisation",
    "confirm_email_change", "correct_email", "create_organisation", "create_token", "delegate", "deputy_for",
    "edit_organisation", "edit_profile", "end_delegation", "end_membership", "enter_authorisation",
    "erase_account", "erase_by_link", "erase_idle", "find_colleague", "find_email_change", "find_token_owner",
    "forget_stale", "grant_coordinator", "grant_site_manager", "invite", "join_by_invitation",
    "note_presence", "note_visit", "open_verified_account", "person_to_grant", "refuse_membership",
    "refuse_organisation", "remind_authorisations", "request_membership", "reset_password",
    "revoke_coordinator", "revoke_invitation", "revoke_site_manager", "revoke_token", "said_in",
    "send_back_authorisation", "set_functions", "sign_in", "sign_out_everywhere", "sign_up",
    "take_back_organisation", "use_link", "verify", "warn_idle", "withdraw_authorisation", "withdraw_request",
]  # fmt: skip
