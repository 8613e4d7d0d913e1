"""Facts that happened in the catalogue, for the rooms above."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SiteCreated:
    """A site exists; its hours are `expression` (OSM syntax) or the usual ones."""

    site_id: int
    expression: str | None = None


@dataclass(frozen=True)
class SiteChanged:
    """What calendars or schedules show of a site has changed."""

    site_id: int


@dataclass(frozen=True)
class ResourceCreated:
    """A resource exists and may be booked; its hours are `expression`, or the site's."""

    resource_id: int
    expression: str | None = None


@dataclass(frozen=True)
class ResourceChanged:
    """A resource was edited; a listener may refuse a capacity below what is promised."""

    resource_id: int


@dataclass(frozen=True)
class CompositionChanged:
    """A resource takes other parts than before; a listener may refuse while what is booked would not fit."""

    resource_id: int


@dataclass(frozen=True)
class ResourceWithdrawn:
    """A resource leaves the catalogue for good; a listener may refuse while somebody counts on it."""

    resource_id: int
