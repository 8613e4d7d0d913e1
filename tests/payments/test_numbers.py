"""Numbers that registers and banks give: what cannot be one is refused."""

import pytest

from app.payments.bank.numbers import is_iban, is_siret, is_vat_number


@pytest.mark.parametrize("number", ["FR44732829320", "FRK7732829320", "DE136695976", "ATU13585627"])
def test_a_vat_number_of_the_union(number):
    assert is_vat_number(number)


@pytest.mark.parametrize("number", ["FR00", "FR45732829320", "FR4473282932", "732829320", "FRO4732829320"])
def test_what_is_no_vat_number(number):
    assert not is_vat_number(number)


def test_numbers_of_accounts_and_of_establishments():
    assert is_iban("FR7630006000011234567890189")
    assert not is_iban("FR7630006000011234567890188")
    assert is_siret("73282932000074")
    assert not is_siret("73282932000075")
