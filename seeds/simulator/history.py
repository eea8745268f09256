"""The days that everything is dated by."""

from dataclasses import dataclass

from simulator.days import months_later


@dataclass(frozen=True)
class Calendar:
    """First and last day of the history, the days of the extracts, and that on which another company was bought."""

    first: int
    last: int
    extracted: int
    earlier_accounts: int
    earlier_subscriptions: int
    first_responses: int
    bought: int
    between: int  # the purchase and the last extract


def calendar(last: int, months: int, extracted: int | None = None) -> Calendar:
    """`extracted` is the day after the last one where it is not said."""
    return Calendar(
        first=months_later(last + 1, -months),
        last=last,
        extracted=extracted or last + 1,
        earlier_accounts=months_later(last + 1, -6) + 3,
        earlier_subscriptions=last - 51,
        first_responses=months_later(last + 1, -17),
        bought=months_later(last + 1, -5) + 9,
        between=months_later(last + 1, -2) + 9,
    )
