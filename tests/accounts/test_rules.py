"""The pure decisions: addresses, numbers, passwords, limits, who can be what in law."""

from datetime import UTC, datetime, timedelta

import pytest

from app.accounts.errors import BadEmail, BadPhone, WeakPassword
from app.accounts.rules import (
    ACCOUNT_LIMITS,
    ADDRESS_LIMITS,
    MEMBERSHIP,
    ORGANISATION_KINDS,
    PRIORITY_CLASSES,
    Limit,
    address_bucket,
    check_password,
    fits_in_law,
    masked_email,
    normal_email,
    normal_phone,
    seconds_to_wait,
)
from app.core.states import IllegalMove

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw, kept",
    [
        ("anna@exemple.org", "anna@exemple.org"),
        ("  Anna.LeBris@Exemple.ORG ", "anna.lebris@exemple.org"),
        ("anna+mutualim@exemple.org", "anna+mutualim@exemple.org"),
    ],
)
def test_addresses_are_kept_one_way(raw: str, kept: str):
    assert normal_email(raw) == kept


@pytest.mark.parametrize(
    "raw", ["", "anna", "anna@", "@exemple.org", "a b@exemple.org", "anna@exemple", "a@b\n.org"]
)
def test_what_is_no_address(raw: str):
    with pytest.raises(BadEmail):
        normal_email(raw)


@pytest.mark.parametrize(
    "raw, kept",
    [
        ("", ""),
        ("0240123456", "02 40 12 34 56"),
        ("02.40.12.34.56", "02 40 12 34 56"),
        ("+33 (0)2 40 12 34 56", "02 40 12 34 56"),
        ("0033612345678", "06 12 34 56 78"),
        ("+44 20 7946 0958", "+442079460958"),
    ],
)
def test_phone_numbers_read_as_in_france(raw: str, kept: str):
    assert normal_phone(raw) == kept


@pytest.mark.parametrize("raw", ["12", "02 40 12 34", "00 00 12 34 56", "bonjour", "+0123456789"])
def test_what_is_no_phone_number(raw: str):
    with pytest.raises(BadPhone):
        normal_phone(raw)


@pytest.mark.parametrize(
    "password", ["brouette verte 12", "trois petits choux", "9*xKq_0v!!tR", "été à la ferme"]
)
def test_good_passwords(password: str):
    check_password(password, email="anna@exemple.org", name="Anna Le Bris")


@pytest.mark.parametrize(
    "password, reason",
    [
        ("court", "short"),
        ("x" * 201, "long"),
        ("anna@exemple.org", "personal"),
        ("Anna Le Bris", "personal"),
        ("annalebris2026", "personal"),
        ("aaaaaaaaaaaa", "regular"),
        ("abababababab", "regular"),
        ("motdepasse1", "common"),
        ("Motdepasse2026!", "common"),
        ("azertyazerty", "common"),
        ("1234567890", "common"),
        ("23456789012", "common"),
        ("password123", "common"),
    ],
)
def test_weak_passwords(password: str, reason: str):
    with pytest.raises(WeakPassword) as refused:
        check_password(password, email="anna@exemple.org", name="Anna Le Bris")
    assert refused.value.facts["reason"] == reason


def _ago(*minutes: float) -> list[datetime]:
    return [NOON - timedelta(minutes=each) for each in minutes]


@pytest.mark.parametrize(
    "tries, wait_minutes",
    [
        ([], 0),
        (_ago(1, 2, 3, 4), 0),
        (_ago(1, 2, 3, 4, 5), 10),  # the fifth leaves the quarter of an hour in ten minutes
        (_ago(16, 17, 18, 19, 20), 0),
        (_ago(*range(16, 28)), 120 - 27),  # twelve in two hours
        (_ago(*range(130, 160)), 24 * 60 - 159),  # thirty in a day
    ],
)
def test_too_many_tries_wait_longer_and_longer(tries: list[datetime], wait_minutes: int):
    wait = seconds_to_wait(tries, ACCOUNT_LIMITS, NOON)
    assert wait == (wait_minutes * 60 + 1 if wait_minutes else 0)


def test_an_address_is_shared_by_a_household_or_an_office():
    assert ADDRESS_LIMITS[0] == Limit(30, timedelta(minutes=15))


@pytest.mark.parametrize(
    "address, bucket",
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (None, "unknown"),
        ("pas une adresse", "unknown"),
    ],
)
def test_what_is_counted_together(address: str | None, bucket: str):
    assert address_bucket(address) == bucket


@pytest.mark.parametrize(
    "kind, nature, fits",
    [
        ("association", "nonprofit", True),
        ("association", "public", False),
        ("commune", "public", True),
        ("commune", "company", False),
        ("producer", "individual_farm", True),
        ("producer", "public", False),
        ("scic", "company", True),
        ("nonsense", "public", False),
    ],
)
def test_what_can_be_what_in_law(kind: str, nature: str, fits: bool):
    assert fits_in_law(kind, nature) is fits


def test_every_kind_has_a_nature_and_a_class():
    assert all(facts.natures and facts.priority in PRIORITY_CLASSES for facts in ORGANISATION_KINDS.values())


@pytest.mark.parametrize(
    "act, state, after",
    [
        ("request", "none", "requested"),
        ("request", "refused", "requested"),
        ("request", "ended", "requested"),
        ("approve", "requested", "active"),
        ("refuse", "requested", "refused"),
        ("withdraw", "requested", "ended"),
        ("admit", "requested", "active"),
        ("end", "active", "ended"),
    ],
)
def test_moves_of_a_membership(act: str, state: str, after: str):
    assert MEMBERSHIP.after(act, state) == after


@pytest.mark.parametrize(
    "act, state", [("request", "active"), ("approve", "refused"), ("end", "requested"), ("admit", "active")]
)
def test_moves_a_membership_cannot_make(act: str, state: str):
    with pytest.raises(IllegalMove):
        MEMBERSHIP.after(act, state)


def test_a_masked_address_can_be_recognised_by_its_owner_only():
    assert masked_email("anna@exemple.org") == "a•••@exemple.org"
