"""Who was there at the end of one day and who is at the end of a later one, and what became of them, customer by customer.

Hand-overs between the two days tie customers together: at the later day they are known to be one. What is theirs is
told of all of them, so that nobody is lost or won by a hand-over.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from tests.oracles.customer_math import (
    NOTHING,
    ONE_DAY,
    Facts,
    Movement,
    Period,
    Value,
    histories,
    months_later,
    movements_of,
    periods,
    tied_within,
)


@dataclass(frozen=True)
class State:
    """A customer that is active at the end of a day."""

    customer: str
    segment: str
    value: Value
    at_opening_rates: Value = NOTHING  # of a closing


@dataclass
class Unit:
    """Customers that are known to be one when the window closes, most often a single one."""

    members: list[str]
    opening: list[State]
    closing: list[State]
    is_new: bool  # one of them was new within the window

    def pairs(self) -> Iterator[tuple[State | None, State | None]]:
        """Who is there at both ends goes on as itself, the others as each other in the order of their ids."""
        closing = {state.customer: state for state in self.closing}
        opening = {state.customer: state for state in self.opening}
        left = [state for name, state in sorted(opening.items()) if name not in closing]
        came = [state for name, state in sorted(closing.items()) if name not in opening]
        yield from ((opening[name], closing[name]) for name in sorted(opening.keys() & closing.keys()))
        for nth in range(max(len(left), len(came))):
            yield (left[nth] if nth < len(left) else None, came[nth] if nth < len(came) else None)

    def kept_of_each(self, basis: str) -> Iterator[tuple[State, Decimal, Decimal]]:
        """Each of the opening, what is retained of it and what is protected; nobody is worth less than nothing.

        What all are worth at the close fills up one after the other, and the first has what is more.
        """
        left = sum((worth(state.at_opening_rates, basis) for state in self.closing), Decimal(0))
        more = max(left - sum((worth(state.value, basis) for state in self.opening), Decimal(0)), Decimal(0))
        for state in sorted(self.opening, key=lambda state: state.customer):
            protected = min(left, worth(state.value, basis))
            left -= protected
            yield state, protected + more, protected
            more = Decimal(0)


def worth(value: Value, basis: str) -> Decimal:
    return max(getattr(value, basis), Decimal(0))


class Company:
    """A company's customers on any day; the first rate known of a currency holds before it too."""

    def __init__(self, facts: Facts):
        self.facts = facts
        self.everyone = histories(facts)
        self.movements = movements_of(facts, self.everyone)
        self.periods = periods(facts, self.movements)
        self.history_starts_on = facts.settings.history_starts_on or date.min
        rates = {
            currency: [(date.min, sorted(dated)[0][1]), *sorted(dated)[1:]]
            for currency, dated in facts.rates.items()
        }
        self.at_any_day = {h.customer: h for h in histories(replace(facts, rates=rates))}
        self.states: dict[date, dict[str, State]] = {}

    @cached_property
    def new(self) -> dict[str, Movement]:
        """The movement by which each customer was new."""
        return {movement.customer: movement for movement in self.movements if movement.movement == "new"}

    def was_new(self, name: str, after: date, by: date) -> bool:
        return name in self.new and after < self.new[name].moved_on <= by

    def on(self, day: date) -> dict[str, State]:
        """Who is active at the end of a day."""
        if day not in self.states:
            self.states[day] = {
                history.customer: State(history.customer, history.segment_on(day), history.value_on(day))
                for history in self.everyone
                if history.is_active_on(day)
            }
        return self.states[day]

    def was_active_by(self, names: list[str], day: date) -> bool:
        """Whether any of them was active at the end of a month up to a day, or when history starts."""
        ends = [self.closing_day(period) for period in self.periods if period.kind == "month"]
        days = [self.history_starts_on, *(end for end in ends if end <= day)]
        return any(name in self.on(end) for end in days for name in names)

    def opening_day(self, period: Period) -> date:
        return max(period.start - ONE_DAY, self.history_starts_on)

    def closing_day(self, period: Period) -> date:
        return min(period.end - ONE_DAY, self.facts.as_of)

    def twelve_months(self, period: Period) -> Period | None:
        """The twelve months up to the end of a period; none where history is shorter, or the period is not over."""
        if period.end - ONE_DAY > self.facts.as_of:
            return None
        start = months_later(period.end, -12)
        first = min(found.start for found in self.periods if found.kind == "month")
        return Period("twelve_months", start, period.end) if start >= first else None

    def held(self, window: Period) -> list[Unit]:
        """What became between the ends of two days of everybody who was active at either."""
        opened_on, closed_on = self.opening_day(window), self.closing_day(window)
        opening, closing = self.on(opened_on), dict(self.on(closed_on))
        for name, state in closing.items():
            at_rates = self.at_any_day[name].value_on(closed_on, at_rates_of=opened_on)
            closing[name] = replace(state, at_opening_rates=at_rates)
        tied = tied_within(self.facts, opened_on, closed_on)
        alone = (opening.keys() | closing.keys()) - set().union(*tied)
        return [
            Unit(
                sorted(names),
                [opening[name] for name in sorted(names) if name in opening],
                [closing[name] for name in sorted(names) if name in closing],
                any(self.was_new(name, opened_on, closed_on) for name in names),
            )
            for names in [*tied, *({name} for name in sorted(alone))]
        ]


_companies: list[tuple[Facts, Company]] = []


def company_of(facts: Facts) -> Company:
    """The company of some facts, kept for the next measure that asks."""
    for known, company in _companies:
        if known is facts:
            return company
    _companies[:] = [(facts, Company(facts))]
    return _companies[0][1]
