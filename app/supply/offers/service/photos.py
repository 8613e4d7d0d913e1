"""The photo of an offer: only its pixels are kept, in two sizes, as long as the offer shows it."""

from datetime import timedelta
from typing import Final

from app.catalogue.images import make_picture
from app.core import clock
from app.infra import files
from app.supply.offers.queries import photo_digests

SHELF: Final = "surplus"
SIZES: Final = ("small", "large")
_KEPT_WITHOUT_ROW = timedelta(days=1)  # far longer than a use case lasts


def keep_photo(upload: bytes) -> str:
    """Keep a photo without whatever else its file said; give the digest that names it. Raise the errors of photos."""
    picture = make_picture(upload)
    for size in SIZES:
        files.keep(SHELF, file_name(picture.digest, size), picture.files[size])
    return picture.digest


def is_kept(digest: str) -> bool:
    """Tell whether the photo of a digest is kept: one that was sent before, with a form that had to be corrected."""
    return all(files.find(SHELF, file_name(digest, size)) for size in SIZES)


def file_name(digest: str, size: str) -> str:
    """Name the file of a photo in one of its sizes."""
    return f"{digest}-{size}.webp"


def sweep_photos() -> int:
    """Delete the files of photos that no offer shows; give how many."""
    before = clock.now() - _KEPT_WITHOUT_ROW
    return files.sweep(SHELF, photo_digests(), before.timestamp())
