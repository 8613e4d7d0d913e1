"""The use cases of the first run: the code, the administrator, the territory, what is shared, the demo."""

from app.installation.service.demo import DemoReport, erase_demo, put_demo
from app.installation.service.opening import check_code, open_administrator, renew_code
from app.installation.service.territory import TerritoryFacts, choose_kinds, hide_steps, set_territory

__all__ = [
    "DemoReport", "TerritoryFacts", "check_code", "choose_kinds", "erase_demo", "hide_steps",
    "open_administrator", "put_demo", "renew_code", "set_territory",
]  # fmt: skip
