"""Where the pictures of sites and resources are: their photos, or the illustration of their kind."""

from flask import url_for

from app.catalogue.kinds import find_kind
from app.catalogue.models import Photo, Resource, Site
from app.web.static import illustration_url


def photo_url(photo: Photo, size: str = "medium") -> str:
    """Write the address of a photo in one of its sizes (small, medium, large)."""
    return url_for("catalogue.photo", digest=photo.digest, size=size)


def resource_picture(resource: Resource, size: str = "small") -> tuple[str, str]:
    """Give the address and the text of a resource's first photo, or of its illustration (which needs no text)."""
    if resource.photos:
        return photo_url(resource.photos[0], size), resource.photos[0].alt
    kind = find_kind(resource.kind)
    return illustration_url(kind.picture(resource.subtype) if kind else "room"), ""


def site_picture(site: Site, kinds: tuple[str, ...] = (), size: str = "small") -> tuple[str, str]:
    """Give the same for a site; without a photo, the illustration of its first kind of resource."""
    if site.photos:
        return photo_url(site.photos[0], size), site.photos[0].alt
    return illustration_url(kinds[0] if kinds else "hall"), ""
