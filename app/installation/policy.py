"""Who may set the installation up, and who sees its first steps."""

from enum import StrEnum

from app.accounts.policy import coordinates_somewhere
from app.core.policy import Table, platform_admin


class InstallationPermission(StrEnum):
    """What can be asked of the room of the first run."""

    SET_UP = "installation.set_up"
    SEE_STEPS = "installation.steps"


TABLE: Table = {
    InstallationPermission.SET_UP: [[platform_admin]],
    InstallationPermission.SEE_STEPS: [[coordinates_somewhere], [platform_admin]],
}
