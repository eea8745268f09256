"""Days as ordinals (`date.toordinal`): cheap to compare and to count with."""

from datetime import date, timedelta
from functools import cache

EPOCH = date(1970, 1, 1).toordinal()
FIRST_TEXT = date(2015, 1, 1).toordinal()
TEXT = [date.fromordinal(day).isoformat() for day in range(FIRST_TEXT, date(2036, 1, 1).toordinal())]

MONTHS = {"month": 1, "year": 12}
DAYS = {"day": 1, "week": 7}


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def iso(day: int) -> str:
    return TEXT[day - FIRST_TEXT]


def epoch(day: int, second: int) -> int:
    """Seconds since 1970, UTC, at a second of a day."""
    return (day - EPOCH) * 86_400 + second


@cache
def months_later(day: int, months: int) -> int:
    """The same day of the month; the last day where that month is shorter."""
    start = date.fromordinal(day)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(year, month + 1, min(start.day, last)).toordinal()


def boundary(anchor: int, intervals: int, interval: str) -> int:
    """The day on which `intervals` intervals counted from the anchor are over."""
    if interval in DAYS:
        return anchor + intervals * DAYS[interval]
    return months_later(anchor, intervals * MONTHS[interval])
