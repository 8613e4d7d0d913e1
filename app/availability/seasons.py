"""Land asked for by whole months: which may be chosen, which fit between two days. Pure; walls are the place's."""

from datetime import date, datetime, timedelta

from app.availability.rules import Terms, days_ahead


def months_ahead(terms: Terms, now: datetime) -> list[date]:
    """List the months (their first days) in which a season may lie, from the one to come."""
    today, last = days_ahead(terms, now)
    last += timedelta(minutes=terms.max_length)
    found, at = (
        list[date](),
        _next_month(today.replace(day=1) if today.day > 1 else today - timedelta(days=1)),
    )
    while at <= last:
        found.append(at)
        at = _next_month(at)
    return found


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def season_within(start: datetime, end: datetime) -> tuple[datetime, datetime] | None:
    """Give the longest season of whole months between two walls of the place; None where there is no month."""
    first = (
        start
        if (start.day, start.hour, start.minute) == (1, 0, 0)
        else start.replace(day=1) + timedelta(days=31)
    )
    first, last = (wall.replace(day=1, hour=0, minute=0, second=0) for wall in (first, end))
    return (first, last) if first < last else None


def first_season(terms: Terms, start: datetime, end: datetime) -> tuple[datetime, datetime] | None:
    """Give the shortest season of whole months between two walls of the place; None where none fits."""
    season = season_within(start, end)
    if season is None:
        return None
    first = last = season[0]
    while last - first < timedelta(minutes=terms.min_length):
        last = (last + timedelta(days=31)).replace(day=1)
    return (first, last) if last <= season[1] else None


def months_later(wall: datetime, months: int) -> datetime:
    """Give the same day and time of another month; for first days of months, which every month has."""
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    return wall.replace(year=year, month=month + 1)
