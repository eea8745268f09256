"""Figures as a person reads them."""

from datetime import date
from decimal import Decimal

WITHOUT_DECIMALS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
WITH_THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())


def money(amount: Decimal, currency: str) -> str:
    """`USD 12,340.00`: an amount in the currency's own coins; never a minus before zero."""
    digits = 0 if currency in WITHOUT_DECIMALS else 3 if currency in WITH_THREE_DECIMALS else 2
    rounded = round(amount, digits) + 0  # adding 0 takes the sign off a zero
    return f"{'-' if rounded < 0 else ''}{currency} {abs(rounded):,.{digits}f}"


def count(number: int, noun: str) -> str:
    """`1 customer`, `1,200 customers`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listing(names: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def period_in_words(kind: str, start: date) -> str:
    """`October 2026`; longer periods by their first month, because a fiscal year may start in any."""
    month = f"{start:%B} {start.year}"
    return month if kind == "month" else f"the {kind} from {month}"


def months_later(start: date, months: int) -> date:
    """The first day of the month so many months after the one of `start`."""
    years, month = divmod(start.month - 1 + months, 12)
    return date(start.year + years, month + 1, 1)
