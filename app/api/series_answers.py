"""The shapes of what the API answers about series."""

from typing import Literal

from pydantic import RootModel

from app.api.answers import (
    Answer,
    Booking,
    Bundle,
    OrganisationName,
    PersonName,
    ResourceName,
    SeriesDate,
    Stamp,
)


class SeriesRule(Answer):
    """What recurs: as it was asked for, from its `first` day on."""

    frequency: Literal["daily", "weekly", "monthly_date", "monthly_weekday"]
    first: str
    interval: int
    days: list[str]
    until: str | None
    count: int | None
    except_school_holidays: bool


class SeriesHours(Answer):
    """From when to when, by the clock of the place."""

    start: str
    end: str


class SeriesPreview(Answer):
    """Every date of a series that was only looked at; `goes_on`: more are added as they come within reach."""

    dates: list[SeriesDate]
    free: int
    refused: int
    goes_on: bool


class Series(Answer):
    """A slot asked for again and again; `bookings` are those you may see, in order of time.

    `left_out` lists, when it has just been asked for, the dates that no booking was made for; null when it is read.
    """

    ref: str
    state: Literal["asked", "granted", "ended"]
    rule: SeriesRule
    hours: SeriesHours
    resource: ResourceName
    organisation: OrganisationName
    requester: PersonName
    quantity: int
    purpose: str
    people: int | None
    created_at: Stamp
    bookings: list[Booking]
    left_out: list[SeriesDate] | None
    url: str


class Asked(RootModel[Booking | Bundle | Series]):
    """A booking, with `legs` a bundle, with `repeat` a series."""
