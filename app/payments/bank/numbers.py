"""Numbers of banks and of the register of companies: read as they are typed, checked, and shown. Pure."""

import re
from typing import Final

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)
_VAT = re.compile(r"[A-Z]{2}[A-Z0-9]{2,13}", re.ASCII)
_FRENCH_VAT = re.compile(r"FR([A-HJ-NP-Z0-9]{2})(\d{9})", re.ASCII)
_LENGTHS: Final = {"FR": 27, "MC": 27, "BE": 16, "DE": 22, "ES": 24, "IT": 27, "LU": 20, "CH": 21}
_POST: Final = "356000000"  # its establishments add up otherwise


def compact(typed: str) -> str:
    """Drop what people write between groups of letters and digits."""
    return re.sub(r"[\s.\-\u00a0\u202f]", "", typed).upper()


def is_iban(iban: str) -> bool:
    """Tell whether a compact number is one of an account: its length, and the remainder of 97."""
    if not _IBAN.fullmatch(iban) or len(iban) != _LENGTHS.get(iban[:2], len(iban)):
        return False
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def is_bic(bic: str) -> bool:
    """Tell whether a compact word may name a bank."""
    return bool(_BIC.fullmatch(bic))


def is_siret(siret: str) -> bool:
    """Tell whether fourteen digits number an establishment: a sum that ten divides (five at the Post)."""
    if len(siret) != 14 or not (siret.isascii() and siret.isdigit()):
        return False
    if siret.startswith(_POST):
        return sum(map(int, siret)) % 5 == 0
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(siret))
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


def is_vat_number(number: str) -> bool:
    """Tell whether a compact word may be a VAT number of a country of the Union; a French one has a key of its SIREN.

    The key is (12 + 3 × (SIREN mod 97)) mod 97; where letters are in it, no rule is published.
    """
    if not number.startswith("FR"):
        return bool(_VAT.fullmatch(number))
    if not (french := _FRENCH_VAT.fullmatch(number)):
        return False
    key, siren = french.groups()
    return not key.isdigit() or int(key) == (12 + 3 * (int(siren) % 97)) % 97


def grouped(iban: str) -> str:
    """Write an account number in groups of four, as on paper."""
    return " ".join(iban[place : place + 4] for place in range(0, len(iban), 4))


def masked(iban: str) -> str:
    """Write so much of an account number that its owner knows it again, and nobody can use it."""
    return f"{iban[:4]} … {iban[-3:]}" if iban else ""
