"""The entry of the main menu that is shown as the present one is that of the page."""

import re

import pytest
from flask import Flask

from app.availability.policy import TimePermission
from app.bookings.policy import BookingPermission
from app.catalogue.policy import CataloguePermission
from app.payments.policy import MoneyPermission
from app.supply.lots.policy import LotPermission
from app.web.tabs import Tab, tab_of

MANAGING = {
    CataloguePermission.MANAGE_SITE,
    CataloguePermission.DELEGATE,
    TimePermission.MANAGE_TIME,
    BookingPermission.CLOSE,
    MoneyPermission.SET_TARIFF,
    LotPermission.CORRECT_READING,
}


@pytest.mark.parametrize(
    "path, tab",
    [
        ("/", None),
        ("/compte", None),
        ("/ressources", Tab.FIND),
        ("/ressources/cuisine", Tab.FIND),
        ("/ressources/cuisine/demander", Tab.FIND),
        ("/ressources/cuisine/repeter", Tab.FIND),
        ("/ressources/cuisine/attendre", Tab.FIND),
        ("/ressources/cuisine/affiche", Tab.FIND),
        ("/lieux/pole", Tab.FIND),
        ("/demander", Tab.FIND),
        ("/planning", Tab.PLANNING),
        ("/moi", Tab.MINE),
        ("/reservations/ABCD/modifier", Tab.MINE),
        ("/attente/ABCD", Tab.MINE),
        *(
            (path, Tab.SUPPLY)
            for path in (
                "/surplus/ABCD",
                "/filieres",
                "/besoins",
                "/glanages/ABCD",
                "/achats-groupes",
                "/lots",
                "/remises/A",
            )
        ),
        ("/a-traiter/ABCD", Tab.HANDLE),
        ("/gerer", Tab.MANAGE),
        ("/lieux/nouveau", Tab.MANAGE),
        ("/lieux/pole/ressources/nouvelle", Tab.MANAGE),
        ("/ressources/cuisine/horaires", Tab.MANAGE),
    ],
)
def test_a_page_belongs_to_one_entry_at_most(path, tab):
    assert tab_of(path) is tab


def test_what_is_below_a_place_is_managed_where_only_managers_may_go(app: Flask):
    below = [r for r in app.url_map.iter_rules() if re.match(r"/(ressources|lieux)/<slug>/", r.rule)]
    wrong = [
        rule.rule
        for rule in below
        if (tab_of(rule.rule) is Tab.MANAGE)
        != (getattr(app.view_functions[rule.endpoint], "__guard__", "") in MANAGING)
    ]
    assert below
    assert wrong == []
