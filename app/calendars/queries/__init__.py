"""Reads of the calendars room."""

from app.calendars.queries.feeds import Reading, Shelf, Slip, calendar, place_of, slips, stays
from app.calendars.queries.links import Link, find_link, get_link, links_of
from app.calendars.queries.subjects import Subject, get_subject, subjects

__all__ = [
    "Link",
    "Reading",
    "Shelf",
    "Slip",
    "Subject",
    "calendar",
    "find_link",
    "get_link",
    "get_subject",
    "links_of",
    "place_of",
    "slips",
    "stays",
    "subjects",
]
