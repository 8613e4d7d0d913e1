"""Names nobody can guess: public ids for URLs and feeds, secrets for links and tokens."""

import hashlib
import re
import secrets
import unicodedata

# Without 0/O, 1/I/L and U: read aloud on the phone without a mistake, and no accidental words.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_public_id(length: int = 12) -> str:
    """Draw an identifier for URLs, UIDs and exports (12 letters are 58 bits)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_ref() -> str:
    """Draw a booking reference: eight letters, easy to read on the phone; access never rests on it alone."""
    return new_public_id(8)


def new_secret() -> str:
    """Draw the secret part of a link or a token (256 bits, URL-safe)."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """Hash a drawn secret for storage; being random it needs no salt, so it can be looked up."""
    return hashlib.sha256(secret.encode()).hexdigest()


def plain(text: str) -> str:
    """Fold accents and case, for searching as people type."""
    folded = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe"))
    return "".join(c for c in folded if not unicodedata.combining(c)).casefold().replace("’", "'")


def slugify(text: str) -> str:
    """Make the readable part of a URL from a name; never empty."""
    return re.sub(r"[^a-z0-9]+", "-", plain(text)).strip("-")[:60] or "x"
