"""The use cases of photos: added, described, put in order, taken away. Files are forgotten later (`sweep`)."""

from datetime import timedelta

from app.catalogue import queries
from app.catalogue.errors import AltMissing, TooManyPhotos
from app.catalogue.events import ResourceChanged, SiteChanged
from app.catalogue.images import Picture, make_picture
from app.catalogue.models import Photo, Resource, Site
from app.catalogue.policy import CataloguePermission as P
from app.catalogue.rules import MAX_PHOTOS
from app.catalogue.service.common import lock_row, touch
from app.core import clock
from app.core.ids import new_public_id
from app.core.policy import Actor, require
from app.infra import files
from app.infra.audit import record
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic

SHELF = "photos"
LONGEST_ALT = 160
_KEPT_WITHOUT_ROW = timedelta(days=1)  # far longer than a use case lasts

Subject = Site | Resource


def add_photo(actor: Actor, subject: Subject, upload: bytes, alt: str) -> Photo:
    """Show a photo of a site or a resource. Raises Forbidden, TooManyPhotos, AltMissing and the photo errors."""
    require(actor, P.MANAGE_SITE, subject)
    alt = _checked_alt(alt)
    picture = make_picture(upload)
    _keep_files(picture)
    with atomic() as session:
        lock_row(subject)
        if len(subject.photos) >= MAX_PHOTOS:
            raise TooManyPhotos(most=MAX_PHOTOS)
        last = max((photo.position for photo in subject.photos), default=-1)
        photo = Photo(
            public_id=new_public_id(), digest=picture.digest, alt=alt, width=picture.width, height=picture.height,
            position=last + 1, created_at=clock.now(),
        )  # fmt: skip
        subject.photos.append(photo)
        session.flush()
        _tell(actor, subject, "photo_added", photo)
        return photo


def describe_photo(actor: Actor, photo: Photo, alt: str) -> None:
    """Change the text for who does not see the photo. Raises Forbidden, AltMissing."""
    require(actor, P.MANAGE_SITE, photo)
    alt = _checked_alt(alt)
    with atomic():
        lock_row(_subject(photo))
        if photo.alt != alt:
            photo.alt = alt
            _tell(actor, _subject(photo), "photo_described", photo)


def move_photo(actor: Actor, photo: Photo, by: int) -> None:
    """Move a photo `by` places (-1 earlier, 1 later; far moves stop at the ends); the first one stands for all."""
    require(actor, P.MANAGE_SITE, photo)
    with atomic():
        subject = _subject(photo)
        lock_row(subject)
        order = [each for each in subject.photos if each.id != photo.id]
        at = next(i for i, each in enumerate(subject.photos) if each.id == photo.id)
        order.insert(min(max(at + by, 0), len(order)), photo)
        for position, each in enumerate(order):
            each.position = position
        _tell(actor, subject, "photo_moved", photo)
        db.session.flush()
        db.session.expire(subject, ["photos"])


def remove_photo(actor: Actor, photo: Photo) -> None:
    """Take a photo away at once; its files go within a day. Raises Forbidden."""
    require(actor, P.MANAGE_SITE, photo)
    with atomic() as session:
        subject = _subject(photo)
        lock_row(subject)
        _tell(actor, subject, "photo_removed", photo)
        session.delete(photo)
        session.flush()
        session.expire(subject, ["photos"])


def sweep_photos() -> int:
    """Delete the files of photos that are gone, or never came to be; give how many."""
    before = clock.now() - _KEPT_WITHOUT_ROW
    return files.sweep(SHELF, queries.photo_digests(), before.timestamp())


def file_name(digest: str, size: str) -> str:
    """Name the file of a photo in one of its sizes."""
    return f"{digest}-{size}.webp"


def _keep_files(picture: Picture) -> None:
    for size, content in picture.files.items():
        files.keep(SHELF, file_name(picture.digest, size), content)


def _subject(photo: Photo) -> Subject:
    return photo.resource or photo.site


def _checked_alt(raw: str) -> str:
    alt = " ".join(raw.replace("\0", "").split())
    if not alt or len(alt) > LONGEST_ALT:
        raise AltMissing(field="alt", longest=LONGEST_ALT)
    return alt


def _tell(actor: Actor, subject: Subject, act: str, photo: Photo) -> None:
    kind = "site" if isinstance(subject, Site) else "resource"
    touch(subject)
    record(
        kind, subject.id, act, actor, territory_id=subject.territory_id, photo=photo.public_id, alt=photo.alt
    )
    emit(SiteChanged(subject.id) if isinstance(subject, Site) else ResourceChanged(subject.id))
