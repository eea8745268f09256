"""Customer math computed the slow, plain way: one customer, one day, one question at a time.

This is the second, independent way to every published number. It reads facts (what was agreed, billed
and bought), never a warehouse, and answers three questions in the words of the published tables:
`value_movements`, `customer_math` and `loss_reasons`. It shares no code with the warehouse, keeps no
running totals, and asks for the whole state of a customer again on each day on which anything of that
customer can change. A fact is of a source record, and a record may be another customer's from a day on: whose it
is, is asked for each day too. Openings and closings are counted from those states, flows from the movements, so
the two laws of the customer bridge are a check here too, not a construction.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property, partial, wraps
from itertools import pairwise
from math import floor
from typing import TypeVar

BASES = ("mrr", "annualised", "trailing_12m")
UNSEGMENTED = "unsegmented"
UNKNOWN = "unknown"
ALL = "all"
ONE_DAY = timedelta(days=1)
T = TypeVar("T")

INTERVALS_IN_A_MONTH = {
    "day": Fraction(365, 12), "week": Fraction(52, 12), "month": Fraction(1),
    "quarter": Fraction(1, 3), "year": Fraction(1, 12),
}  # fmt: skip
INTERVALS_IN_A_YEAR = {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1}
MONTHS_IN_AN_INTERVAL = {"month": 1, "quarter": 3, "year": 12}
DAYS_IN_AN_INTERVAL = {"day": 1, "week": 7}

MINOR_UNIT_DIGITS = defaultdict(lambda: 2)
MINOR_UNIT_DIGITS |= dict.fromkeys("BIF CLP DJF GNF JPY KMF KRW PYG RWF VND VUV XAF XOF XPF".split(), 0)
MINOR_UNIT_DIGITS |= dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)


def once(compute: Callable[["Facts"], T]) -> Callable[["Facts"], T]:
    """Computed once for the same facts: many measures ask for the same histories."""

    @wraps(compute)
    def computed(facts: "Facts") -> T:
        known = facts.__dict__.setdefault("computed", {})
        if compute not in known:
            known[compute] = compute(facts)
        return known[compute]

    return computed


class MissingRate(Exception):
    """No rate is in force for a currency on a day on which an amount must be converted."""


# ---------------------------------------------------------------------------------------------- facts
# A fact's `customer` names the record that it is of, which is the customer's name too where no stay says otherwise.


@dataclass(frozen=True)
class Span:
    """One line of a contract in force on [valid_from, valid_to): `amount` per `interval_count` intervals."""

    customer: str
    line: str
    valid_from: date
    valid_to: date | None
    amount: Decimal
    currency: str
    interval: str
    interval_count: int = 1
    is_free_customer: bool = False  # pays nothing, and counts as a customer all the same
    is_billed: bool = True  # false in a trial or a pause that counts
    list_amount: Decimal | None = None  # before discounts; None where there are none

    @property
    def makes_a_customer(self) -> bool:
        return self.amount > 0 or self.is_free_customer

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True)
class Billed:
    customer: str
    on: date
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Purchase:
    customer: str
    on: date
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class SegmentChange:
    """A customer is seen in a segment from a day on; the first one seen holds since the beginning."""

    customer: str
    segment: str
    from_day: date | None = None


@dataclass(frozen=True)
class Departure:
    """Why a customer ended something that day, a line or all of it, as a one-company reason."""

    customer: str
    on: date
    reason: str
    line: str | None = None


@dataclass(frozen=True)
class Stay:
    """A record is a customer's from a day on, until its next stay; the first one holds since the beginning."""

    record: str
    customer: str
    from_day: date | None = None


@dataclass(frozen=True)
class Ticket:
    customer: str
    on: date


@dataclass(frozen=True)
class Event:
    """What somebody met at a touchpoint; of a test account it is nobody's (None), and happened all the same."""

    ref: str
    touchpoint: str
    customer: str | None
    at: datetime
    on: date
    is_conforming: bool
    minutes: Decimal | None


@dataclass(frozen=True)
class CostRate:
    """What a `ticket` costs, or which `direct_share` of revenue its delivery, in a segment (or `all`) from a day on."""

    cost: str
    segment: str
    from_day: date
    amount: Decimal


@dataclass(frozen=True)
class Settings:
    reporting_currency: str = "USD"
    grace_days: int = 0
    reason_window_days: int = 31
    early_renewal_days: int = 31
    minimum_cell_size: int = 5
    history_starts_on: date | None = None
    fiscal_year_starts_in: int = 1
    discount_rate_a_month: Decimal = Decimal("0.00797414")  # ten percent a year
    lifetime_horizon_months: int = 60
    lapse_days: dict[str, int] = field(default_factory=dict)
    default_lapse_days: int = 365
    behaviour_shift_percent: int = 5
    value_bands: dict[str, Decimal] = field(default_factory=dict)  # what a year is worth at least


@dataclass(frozen=True)
class Facts:
    """Everything the numbers follow from. `rates` holds reporting units for one unit of a currency."""

    as_of: date
    settings: Settings = Settings()
    spans: tuple[Span, ...] = ()
    billed: tuple[Billed, ...] = ()
    usage: tuple[Billed, ...] = ()  # what of the billed was used, and has no span
    purchases: tuple[Purchase, ...] = ()
    segment_changes: tuple[SegmentChange, ...] = ()
    departures: tuple[Departure, ...] = ()
    loss_kinds: dict[str, str] = field(default_factory=dict)  # of reasons
    acquisition_sources: dict[str, str] = field(default_factory=dict)
    rates: dict[str, list[tuple[date, Decimal]]] = field(default_factory=dict)
    stays: tuple[Stay, ...] = ()
    referrers: dict[str, str] = field(default_factory=dict)  # the record that recommended us, by who came
    source_kinds: dict[str, tuple[str, bool]] = field(
        default_factory=dict
    )  # earned or bought, and is it a referral
    named: tuple[str, ...] = ()  # records that are there although no fact of theirs counts
    tickets: tuple[Ticket, ...] | None = None  # None: no source of them
    cost_rates: tuple[CostRate, ...] = ()
    events: tuple[Event, ...] = ()

    @cached_property
    def stays_of(self) -> dict[str, list[Stay]]:
        """The stays of each record that has any, the first one first."""
        found: dict[str, list[Stay]] = defaultdict(list)
        for stay in sorted(self.stays, key=lambda stay: stay.from_day or date.min):
            if (stay.from_day or date.min) <= self.as_of:
                found[stay.record].append(stay)
        return dict(found)

    def customer_on(self, record: str, day: date) -> str:
        stays = self.stays_of.get(record)
        if not stays:
            return record
        return [stay for stay in stays if (stay.from_day or date.min) <= day][-1].customer

    def customers_ever(self, record: str) -> set[str]:
        return {stay.customer for stay in self.stays_of.get(record, [])} or {record}

    @cached_property
    def hand_overs(self) -> dict[date, dict[str, tuple[str, str]]]:
        """From which customer to which each record went, by day."""
        found: dict[date, dict[str, tuple[str, str]]] = defaultdict(dict)
        for record, stays in self.stays_of.items():
            for earlier, stay in pairwise(stays):
                if earlier.customer != stay.customer:
                    found[stay.from_day][record] = earlier.customer, stay.customer
        return dict(sorted(found.items()))


# --------------------------------------------------------------------------------------------- results


@dataclass(frozen=True)
class Value:
    mrr: Decimal = Decimal(0)
    annualised: Decimal = Decimal(0)
    trailing_12m: Decimal = Decimal(0)

    def __add__(self, other: "Value") -> "Value":
        return Value(*(getattr(self, basis) + getattr(other, basis) for basis in BASES))

    def __sub__(self, other: "Value") -> "Value":
        return Value(*(getattr(self, basis) - getattr(other, basis) for basis in BASES))

    def rises(self) -> "Value":
        """The bases that went up; 0 for the others."""
        return Value(*(max(getattr(self, basis), Decimal(0)) for basis in BASES))

    def falls(self) -> "Value":
        """The bases that went down, as positive amounts; 0 for the others."""
        return Value(*(max(-getattr(self, basis), Decimal(0)) for basis in BASES))


NOTHING = Value()


@dataclass(frozen=True)
class Movement:
    """One row of value_movement. Amounts are magnitudes, except `fx`, which carries its sign."""

    customer: str
    moved_on: date
    movement: str
    segment: str
    value: Value
    reason: str | None = None
    peak: Value | None = None  # of a loss
    is_hand_over: bool = False  # records that changed their customer moved it
    cause: str | None = None  # `price`: a discount alone


# ----------------------------------------------------------------------------------- days and money


def months_later(day: date, months: int) -> date:
    """The same day of the month, `months` later; the last day where that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (first_of_next - ONE_DAY).day))


def round_half_up(amount: Fraction, digits: int) -> Decimal:
    """Round once, a half away from zero."""
    units = floor(abs(amount) * 10**digits + Fraction(1, 2))
    return Decimal(units if amount >= 0 else -units).scaleb(-digits)


@cache
def recurring_value(
    amount: Decimal, interval: str, interval_count: int, rate: Decimal, digits: int
) -> tuple[Decimal, Decimal]:
    """One span's mrr and annualised value, each rounded once, from the span's own price."""
    for_one_interval = Fraction(amount) * Fraction(rate) / interval_count
    return (
        round_half_up(for_one_interval * INTERVALS_IN_A_MONTH[interval], digits),
        round_half_up(for_one_interval * INTERVALS_IN_A_YEAR[interval], digits),
    )


def billed_in_advance(span: Span, as_of: date, since: date | None = None) -> Iterator[Billed]:
    """What a span bills when its source keeps no invoices: its amount on the first day of each interval.

    The days are counted from the span's own start (31 January, 28 February, 31 March), or from `since`, an earlier
    day, up to its own end: days that only a grace period bridges bill nothing.
    """
    first = since or span.valid_from
    end = min(span.valid_to or date.max, as_of + ONE_DAY)
    on, intervals = first, 0
    while on < end:
        if on >= span.valid_from:
            yield Billed(span.customer, on, span.amount, span.currency)
        intervals += span.interval_count
        if span.interval in DAYS_IN_AN_INTERVAL:
            on = first + timedelta(days=intervals * DAYS_IN_AN_INTERVAL[span.interval])
        else:
            on = months_later(first, intervals * MONTHS_IN_AN_INTERVAL[span.interval])


def rate_on(facts: Facts, currency: str, day: date) -> Decimal:
    if currency == facts.settings.reporting_currency:
        return Decimal(1)
    in_force = [(since, rate) for since, rate in facts.rates.get(currency, []) if since <= day]
    if not in_force:
        raise MissingRate(f"{currency} has no rate on {day}")
    return max(in_force)[1]


def bridged(spans: Iterable[Span], grace_days: int) -> list[Span]:
    """A customer's spans, where a gap of at most `grace_days` in a line is held at the earlier amount."""
    filled: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.line, s.valid_from)):
        earlier = filled[-1] if filled else None
        if earlier and earlier.line == span.line and earlier.valid_to is not None:
            if timedelta(0) < span.valid_from - earlier.valid_to <= timedelta(days=grace_days):
                filled[-1] = replace(earlier, valid_to=span.valid_from)
        filled.append(span)
    return filled


# ------------------------------------------------------------------------------------ one customer


class History:
    """The facts of one customer's records, and what can be asked of them on a day.

    `ids_of` asks what a day's facts amount to with the records that the customer has on another day.
    """

    def __init__(self, customer: str, facts: Facts):
        self.customer = customer
        self.facts = facts
        self.digits = MINOR_UNIT_DIGITS[facts.settings.reporting_currency]
        self.rate_on = cache(partial(rate_on, facts))
        self.records: set[str] = set()  # all that it ever has
        self.spans: list[Span] = []
        self.bought_or_billed: list[tuple[str, date, date, Decimal]] = []
        self.purchase_windows: list[tuple[str, date, date]] = []
        self.segment_changes: list[SegmentChange] = []

    def has(self, record: str, day: date) -> bool:
        return self.facts.customer_on(record, day) == self.customer

    @cached_property
    def days_of_hand_over(self) -> list[date]:
        """The days on which records come or go."""
        moving = [record for record in self.records if record in self.facts.stays_of]
        return [
            day
            for day in self.facts.hand_overs
            if any(self.has(record, day) != self.has(record, day - ONE_DAY) for record in moving)
        ]

    @cached_property
    def stretches(self) -> list[tuple[date, date]]:
        """The days [start, end) between two such days."""
        starts = [date.min, *self.days_of_hand_over]
        return list(zip(starts, [*starts[1:], date.max], strict=True))

    @property
    def acquisition_source(self) -> str | None:
        """That of the first record which names one, of those held in the end; of all it had, where none is held."""
        held = {record for record in self.records if self.has(record, self.facts.as_of)} or self.records
        sources = self.facts.acquisition_sources
        return next((sources[record] for record in sorted(held) if sources.get(record)), None)

    def segment_on(self, day: date) -> str:
        """That of the first of the records held which says any; else the last that one said, else the first to come."""
        until_then = [stretch for stretch in self.stretches if stretch[0] <= day]
        for start, end in [*reversed(until_then), *self.stretches[len(until_then) :]]:
            saying = [change for change in self.segment_changes if self.has(change.customer, start)]
            if saying:
                followed = min(change.customer for change in saying)
                asked_on = max(min(day, end - ONE_DAY), start)
                return self.segment_of(followed, asked_on)
        return UNSEGMENTED

    def segment_of(self, record: str, day: date) -> str:
        changes = [change for change in self.segment_changes if change.customer == record]
        changes.sort(key=lambda change: change.from_day or date.min)
        held = [change for change in changes if (change.from_day or date.min) <= day]
        return (held[-1] if held else changes[0]).segment

    def is_active_on(self, day: date, ids_of: date | None = None) -> bool:
        return any(
            span.makes_a_customer and span.covers(day) and self.has(span.customer, ids_of or day)
            for span in self.spans
        ) or any(
            start <= day < end and self.has(record, ids_of or day)
            for record, start, end in self.purchase_windows
        )

    def value_on(self, day: date, at_rates_of: date | None = None, ids_of: date | None = None) -> Value:
        """What the customer is worth on a day: nothing while not active."""
        if not self.is_active_on(day, ids_of):
            return NOTHING
        mrr = annualised = trailing = Decimal(0)
        for span in self.spans:
            if span.covers(day) and self.has(span.customer, ids_of or day):
                rate = self.rate_on(span.currency, at_rates_of or day)
                monthly, yearly = recurring_value(
                    span.amount, span.interval, span.interval_count, rate, self.digits
                )
                mrr, annualised = mrr + monthly, annualised + yearly
        for record, start, end, amount in self.bought_or_billed:
            if start <= day < end and self.has(record, ids_of or day):
                trailing += amount
        return Value(mrr, annualised, trailing)

    def days_of_change(self) -> list[date]:
        """The days on which anything of this customer can differ from the day before."""
        days = {day for span in self.spans for day in (span.valid_from, span.valid_to)}
        days |= {day for _, start, end in self.purchase_windows for day in (start, end)}
        days |= {day for _, start, end, _ in self.bought_or_billed for day in (start, end)}
        days |= {change.from_day for change in self.segment_changes}
        days |= {since for span in self.spans for since, _ in self.facts.rates.get(span.currency, [])}
        days |= {*self.days_of_hand_over}
        return sorted(day for day in days if day is not None and day <= self.facts.as_of)

    def peak_before(self, day: date, last: Value) -> Value:
        """The most the customer was worth at the end of a day of the twelve months before, or at its last instant."""
        days = (day - timedelta(days=back) for back in range(1, (day - months_later(day, -12)).days + 1))
        held = [last, *map(self.value_on, days)]
        return Value(*(max(getattr(value, basis) for value in held) for basis in BASES))

    def cause_of(self, day: date, moved: Value) -> str | None:
        """`price` where the list price of every line is what it was on the eve, and what is paid for one is not."""
        before, after = (
            {
                (span.line, span.currency, span.interval, span.interval_count): (
                    span.amount if span.list_amount is None else span.list_amount,
                    span.amount,
                )
                for span in self.spans
                if span.covers(on) and self.has(span.customer, day)
            }
            for on in (day - ONE_DAY, day)
        )
        is_listed_the_same = {line: listed for line, (listed, _) in before.items()} == {
            line: listed for line, (listed, _) in after.items()
        }
        is_of_contracts = moved.mrr != 0 or moved.annualised != 0
        return "price" if is_of_contracts and is_listed_the_same and before != after else None

    def receives_a_past_on(self, day: date) -> bool:
        """Whether a record comes that kept somebody active before."""
        begun = [(span.customer, span.valid_from) for span in self.spans if span.makes_a_customer]
        begun += [(record, start) for record, start, _ in self.purchase_windows]
        return any(
            start < day and self.has(record, day) and not self.has(record, day - ONE_DAY)
            for record, start in begun
        )

    def movements(self, ends: dict[tuple[str, date], str]) -> Iterator[Movement]:
        """Every movement up to the as-of day: first the hand-over, then the transfer, then fx, then one commercial one.

        `ends` names what those who stop or start by a hand-over are told as.
        """
        was_ever_active = False
        for day in self.days_of_change():
            eve = day - ONE_DAY
            segment, earlier_segment = self.segment_on(day), self.segment_on(eve)
            moved = partial(Movement, self.customer, day)

            before, held = self.value_on(eve), self.value_on(eve, ids_of=day)
            was_active, is_active = self.is_active_on(eve, ids_of=day), self.is_active_on(day)
            if was_active != self.is_active_on(eve):
                value = held if was_active else before
                yield moved(ends[self.customer, day], earlier_segment, value, is_hand_over=True)
            elif was_active:
                if (held - before).rises() != NOTHING:
                    yield moved("taken_over", earlier_segment, (held - before).rises(), is_hand_over=True)
                if (held - before).falls() != NOTHING:
                    yield moved("handed_over", earlier_segment, (held - before).falls(), is_hand_over=True)
            was_ever_active = was_ever_active or was_active or self.receives_a_past_on(day)

            if was_active and segment != earlier_segment:
                yield moved("transferred_out", earlier_segment, held)
                yield moved("transferred_in", segment, held)

            # A rate that changes today revalues what was held at the last instant of yesterday.
            revalued = self.value_on(eve, at_rates_of=day, ids_of=day)
            if revalued != held:
                yield moved("fx", segment, revalued - held)

            if is_active and not was_active:
                yield moved("won_back" if was_ever_active else "new", segment, self.value_on(day))
            elif was_active and not is_active:
                yield moved("lost", segment, revalued, UNKNOWN, self.peak_before(day, revalued))
            elif is_active:
                change = self.value_on(day) - revalued
                for movement, value in (("expansion", change.rises()), ("contraction", change.falls())):
                    if value != NOTHING:
                        yield moved(movement, segment, value, cause=self.cause_of(day, value))
            was_ever_active = was_ever_active or is_active


@once
def histories(facts: Facts) -> list[History]:
    """Every customer's history, in the order of their names."""
    found: dict[str, History] = {}
    digits = MINOR_UNIT_DIGITS[facts.settings.reporting_currency]

    def of(record: str) -> list[History]:
        """The histories of all whose the record ever is."""
        holders = [
            found.setdefault(customer, History(customer, facts)) for customer in facts.customers_ever(record)
        ]
        for holder in holders:
            holder.records.add(record)
        return holders

    for record in (*facts.stays_of, *facts.named):
        of(record)
    for change in facts.segment_changes:
        for holder in of(change.customer):
            holder.segment_changes.append(change)
    for departure in facts.departures:
        of(departure.customer)
    for span in paying(facts):
        for holder in of(span.customer):
            holder.spans.append(span)
    for amount in (*facts.billed, *facts.purchases):
        # counted for twelve months, converted at its own day's rate and never again
        converted = Fraction(amount.amount) * Fraction(rate_on(facts, amount.currency, amount.on))
        counted = round_half_up(converted, digits)
        for holder in of(amount.customer):
            holder.bought_or_billed.append((amount.customer, amount.on, months_later(amount.on, 12), counted))
    windows = []
    for purchase in facts.purchases:
        if purchase.amount > 0:
            of(purchase.customer)
            buyer = found[facts.customer_on(purchase.customer, purchase.on)]
            settings = facts.settings
            lapse_days = settings.lapse_days.get(buyer.segment_on(purchase.on), settings.default_lapse_days)
            windows.append((purchase.customer, purchase.on, purchase.on + timedelta(days=lapse_days)))
    for window in windows:
        for holder in of(window[0]):
            holder.purchase_windows.append(window)
    return [found[customer] for customer in sorted(found)]


def paying(facts: Facts) -> list[Span]:
    """Every span that pays or credits, with the gaps bridged that grace allows within a line of one customer."""
    by_customer: dict[str, list[Span]] = defaultdict(list)
    for span in facts.spans:
        if (span.amount != 0 or span.is_free_customer) and (
            span.valid_to is None or span.valid_from < span.valid_to
        ):
            by_customer[facts.customer_on(span.customer, facts.as_of)].append(span)
    return [span for spans in by_customer.values() for span in bridged(spans, facts.settings.grace_days)]


# -------------------------------------------------------------------------- records that change hands


def groups(pairs: Iterable[tuple[str, str]]) -> Iterator[set[str]]:
    """The names that pairs tie together, directly or through others."""
    neighbours: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        neighbours[one].add(other)
        neighbours[other].add(one)
    seen: set[str] = set()
    for name in neighbours:
        if name not in seen:
            group, reached = {name}, [name]
            while reached:
                found = neighbours[reached.pop()] - group
                group |= found
                reached += found
            seen |= group
            yield group


def tied_within(facts: Facts, opened_on: date, closed_on: date) -> list[set[str]]:
    """Customers that are known to be one at the end of a day, and were not at the end of an earlier one.

    A record that is back with whom it was by then says nothing: that they were one turned out to be wrong.
    """
    return list(
        groups(
            pair
            for day, moved in facts.hand_overs.items()
            if opened_on < day <= closed_on
            for record, pair in moved.items()
            if facts.customer_on(record, opened_on) != facts.customer_on(record, closed_on)
        )
    )


def ends_of_hand_overs(facts: Facts, everyone: list[History]) -> dict[tuple[str, date], str]:
    """What each customer that stops or starts by a day's hand-overs is told as, by customer and day.

    Of those tied together, who stops and who starts are paired in the order of their names: one is the other from
    then on. Whoever is left over was merged, or split off.
    """
    of = {history.customer: history for history in everyone}
    ends: dict[tuple[str, date], str] = {}
    for day, moved in facts.hand_overs.items():
        eve = day - ONE_DAY
        for group in groups(moved.values()):
            was = {name for name in group if of[name].is_active_on(eve)}
            stays_or_starts = {name for name in group if of[name].is_active_on(eve, ids_of=day)}
            stopping, starting = sorted(was - stays_or_starts), sorted(stays_or_starts - was)
            paired = min(len(stopping), len(starting))
            for nth, name in enumerate(stopping):
                ends[name, day] = "transferred_out" if nth < paired else "merged"
            for nth, name in enumerate(starting):
                ends[name, day] = "transferred_in" if nth < paired else "split"
    return ends


# ------------------------------------------------------------------------------------- the company


@once
def value_movements(facts: Facts) -> list[Movement]:
    """Every published movement: after the day on which history starts, up to the as-of day."""
    return movements_of(facts, histories(facts))


def movements_of(facts: Facts, everyone: list[History]) -> list[Movement]:
    starts_on = facts.settings.history_starts_on or date.min
    ends = ends_of_hand_overs(facts, everyone)
    told = [
        movement
        for history in everyone
        for movement in history.movements(ends)
        if movement.moved_on > starts_on
    ]
    reasons = reasons_of([movement for movement in told if movement.movement == "lost"], facts)
    return [
        replace(movement, reason=reasons.get((movement.customer, movement.moved_on), UNKNOWN))
        if movement.movement == "lost"
        else movement
        for movement in told
    ]


def reasons_of(losses: list[Movement], facts: Facts) -> dict[tuple[str, date], str]:
    """Why customers left, by customer and day, where somebody says so near that day.

    Each statement speaks of one loss at most: that on which its own line ended, else the nearest of whoever its record
    was then, the later one of two as near. Of several about one loss a line's own counts, then the nearest one.
    """
    ends_of_lines = {(span.line, span.valid_to) for span in paying(facts)}
    lost_on: dict[str, list[date]] = defaultdict(list)
    for loss in losses:
        lost_on[loss.customer].append(loss.moved_on)
    about: dict[tuple[str, date], list[tuple]] = defaultdict(list)
    for departure in facts.departures:
        if departure.reason == UNKNOWN or departure.on > facts.as_of:
            continue
        near = []
        for customer in facts.customers_ever(departure.customer):
            for day in lost_on[customer]:
                apart = abs((day - departure.on).days)
                is_its = facts.customer_on(departure.customer, day) == customer
                if is_its and apart <= facts.settings.reason_window_days:
                    is_of_another_line = (departure.line, day) not in ends_of_lines
                    near.append((is_of_another_line, apart, -day.toordinal(), customer))
        if near:
            is_of_another_line, apart, later, customer = min(near)
            heard = (is_of_another_line, apart, departure.reason)
            about[customer, date.fromordinal(-later)].append(heard)
    return {loss: min(heard)[2] for loss, heard in about.items()}


@dataclass(frozen=True)
class Period:
    """The days [start, end) of a month, quarter or year."""

    kind: str
    start: date
    end: date

    def holds(self, day: date) -> bool:
        return self.start <= day < self.end


MONTHS_IN_A_PERIOD = {"month": 1, "quarter": 3, "year": 12}


def periods(facts: Facts, movements: list[Movement]) -> list[Period]:
    """Every month, quarter and year from the first movement to the as-of day; where there is none and somebody is there when
    history starts, from the day after.

    Quarters are quarters of the fiscal year, so that both are sums of whole months and nest.
    """
    starts_on = facts.settings.history_starts_on
    if movements:
        first = min(movement.moved_on for movement in movements)
    elif starts_on and standing(facts)(starts_on).customers[ALL]:
        first = starts_on + ONE_DAY
    else:
        return []
    found = []
    for kind, months in MONTHS_IN_A_PERIOD.items():
        months_since_turn = (first.month - facts.settings.fiscal_year_starts_in) % 12 % months
        start = months_later(first.replace(day=1), -months_since_turn)
        while start <= facts.as_of:
            found.append(Period(kind, start, months_later(start, months)))
            start = months_later(start, months)
    return found


@dataclass
class Standing:
    """Who is active at the end of a day, and what they are worth, by segment."""

    customers: dict[str, set[str]]
    value: dict[str, Value]


def standing_on(day: date, everyone: list[History]) -> Standing:
    standing = Standing(defaultdict(set), defaultdict(Value))
    for history in everyone:
        if history.is_active_on(day):
            for segment in (history.segment_on(day), ALL):
                standing.customers[segment].add(history.customer)
                standing.value[segment] += history.value_on(day)
    return standing


@once
def standing(facts: Facts) -> Callable[[date], Standing]:
    """Who is active at the end of a day."""
    return cache(partial(standing_on, everyone=histories(facts)))


def kept_in(period: Period, facts: Facts) -> set[str]:
    """Whoever is active at the close of a period, or is known by then to be one with somebody who is."""
    opened_on = max(period.start - ONE_DAY, facts.settings.history_starts_on or date.min)
    closed_on = min(period.end - ONE_DAY, facts.as_of)
    closing = standing(facts)(closed_on).customers[ALL]
    return closing.union(*(group for group in tied_within(facts, opened_on, closed_on) if group & closing))


_segments: list[tuple[Facts, list[str]]] = []


def segments_of(facts: Facts, everyone: list[History]) -> list[str]:
    """Every segment ever seen, `unsegmented` where someone ever active, or ever charged or given back anything, has none,
    and `all`."""
    from tests.oracles.recognised_revenue import recognised, segment_of  # which is told of customers too

    for known, found in _segments:
        if known is facts:
            return found
    seen = {change.segment for change in facts.segment_changes}
    for history in everyone:
        if not history.segment_changes and any(history.is_active_on(day) for day in history.days_of_change()):
            seen.add(UNSEGMENTED)
    by_name = {history.customer: history for history in everyone}
    seen |= {segment_of(facts, by_name, piece) for piece in recognised(facts)}
    _segments[:] = [(facts, [*sorted(seen), ALL])]
    return _segments[0][1]


def half_up(share: Fraction | None) -> Decimal | None:
    return None if share is None else round_half_up(share, 6)


def ratio(numerator: Decimal | int, denominator: Decimal | int) -> Fraction | None:
    return None if denominator == 0 else Fraction(numerator) / Fraction(denominator)


FLOWS_OF_CUSTOMERS = ("new", "won_back", "lost", "transferred_in", "transferred_out")
FLOWS_OF_VALUE = ("new", "won_back", "expansion", "contraction", "lost", "fx")
COMES = ("transferred_in", "split", "taken_over")
GOES = ("transferred_out", "merged", "handed_over")


@once
def customer_math(facts: Facts) -> list[dict]:
    """The rows of customer_math, one per period, segment and value basis, keyed by the published columns."""
    everyone, movements, standing_at_the_end_of = histories(facts), value_movements(facts), standing(facts)
    starts_on = facts.settings.history_starts_on or date.min
    source_of = channel_of_each(everyone)
    some_source_is_known = any(source_of[m.customer] for m in movements if m.movement == "new")

    rows: list[dict] = []
    before: dict[tuple[str, str], dict] = {}
    for period in periods(facts, movements):
        opening = standing_at_the_end_of(max(period.start - ONE_DAY, starts_on))
        closing = standing_at_the_end_of(min(period.end - ONE_DAY, facts.as_of))
        in_period = [m for m in movements if period.holds(m.moved_on)]
        kept = kept_in(period, facts)
        for segment in segments_of(facts, everyone):
            flows: dict[str, list[Movement]] = defaultdict(list)
            for movement in in_period:
                is_transfer = movement.movement.startswith("transferred")
                if segment == movement.segment or (segment == ALL and not is_transfer):
                    flows[movement.movement].append(movement)

            counts = {f"{flow}_customers": len(flows[flow]) for flow in FLOWS_OF_CUSTOMERS}
            merged_customers = len(flows["merged"]) - len(flows["split"])
            net_customers = len(flows["new"]) + len(flows["won_back"]) - len(flows["lost"])
            opened = opening.customers[segment]
            this = {
                "retention": ratio(len(opened & kept), len(opened)),
                "new": len(flows["new"]),
                "new_by_source": count_by(source_of[movement.customer] for movement in flows["new"]),
            }
            previous = before.get((period.kind, segment))
            before[period.kind, segment] = this
            is_over = period.end - ONE_DAY <= facts.as_of
            count_flags = {
                "is_rate_flattering": is_rate_flattering(this, previous, net_customers) if is_over else None,
                "is_channel_flattering": is_channel_flattering(this, previous)
                if is_over and some_source_is_known
                else None,
                "is_growth_only_won_back": net_customers > 0 >= len(flows["new"]) - len(flows["lost"]),
            }

            for basis in BASES:
                value = {
                    flow: sum((getattr(m.value, basis) for m in flows[flow]), Decimal(0))
                    for flow in FLOWS_OF_VALUE
                }
                value["transferred_in"], value["transferred_out"] = transferred(in_period, segment, basis)
                net_value = (
                    value["new"]
                    + value["won_back"]
                    + value["expansion"]
                    - value["contraction"]
                    - value["lost"]
                )
                rows.append(
                    {
                        "period_kind": period.kind,
                        "period_start": period.start,
                        "segment": segment,
                        "value_basis": basis,
                        "currency": facts.settings.reporting_currency,
                        "opening_customers": len(opened),
                        **counts,
                        "merged_customers": merged_customers,
                        "closing_customers": len(closing.customers[segment]),
                        "net_customers": net_customers,
                        "opening_value": getattr(opening.value[segment], basis),
                        **{f"{flow}_value": amount for flow, amount in value.items()},
                        "closing_value": getattr(closing.value[segment], basis),
                        "net_value": net_value,
                        "value_exchange_ratio": half_up(
                            ratio(
                                value["new"] * counts["lost_customers"],
                                value["lost"] * counts["new_customers"],
                            )
                        ),
                        "replacement_share": half_up(
                            ratio(
                                min(counts["new_customers"], counts["lost_customers"]),
                                counts["new_customers"],
                            )
                        ),
                        "is_value_shrinking_while_count_grows": net_customers >= 0 and net_value < 0,
                        "is_revenue_masking_loss": net_value > 0 and net_customers < 0,
                        **count_flags,
                    }
                )
    return rows


def transferred(movements: list[Movement], segment: str, basis: str) -> tuple[Decimal, Decimal]:
    """What came in and went out by changes of segment and of id. On `all` that is what is left of both in a month."""
    comes: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    goes: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for movement in movements:
        month = movement.moved_on.year, movement.moved_on.month
        if segment in (movement.segment, ALL):
            comes[month] += getattr(movement.value, basis) if movement.movement in COMES else 0
            goes[month] += getattr(movement.value, basis) if movement.movement in GOES else 0
    if segment != ALL:
        return sum(comes.values(), Decimal(0)), sum(goes.values(), Decimal(0))
    left = [comes[month] - goes[month] for month in comes]
    return sum((max(net, Decimal(0)) for net in left), Decimal(0)), sum(
        (max(-net, Decimal(0)) for net in left), Decimal(0)
    )


def count_by(sources: Iterable[str | None]) -> dict[str, int]:
    counted: dict[str, int] = defaultdict(int)
    for source in sources:
        if source:
            counted[source] += 1
    return counted


def channel_of_each(everyone: list[History]) -> dict[str, str | None]:
    """Customer -> where it came from, in the first of all spellings that differ in letters' case and outer spaces alone."""
    told = {history.customer: history.acquisition_source for history in everyone}
    spelled: dict[str, str] = {}
    for source in filter(None, told.values()):
        key = source.strip().lower()
        spelled[key] = min(source, spelled.get(key, source))
    return {customer: source and spelled[source.strip().lower()] for customer, source in told.items()}


def is_rate_flattering(this: dict, previous: dict | None, net_customers: int) -> bool | None:
    """No smaller a share of the opening customers stayed than before, yet customers were lost on net."""
    if previous is None or this["retention"] is None or previous["retention"] is None:
        return None
    return this["retention"] >= previous["retention"] and net_customers < 0


def is_channel_flattering(this: dict, previous: dict | None) -> bool | None:
    """Some channel brought in more new customers than the period before; the company did not."""
    if previous is None:
        return None
    some_channel_rose = any(
        count > previous["new_by_source"].get(source, 0) for source, count in this["new_by_source"].items()
    )
    return some_channel_rose and this["new"] <= previous["new"]


@once
def loss_reasons(facts: Facts) -> dict[tuple[str, date, str, str], tuple[int, Value]]:
    """How many were lost and what they were worth, by (period kind, period start, segment, reason)."""
    movements = value_movements(facts)
    counted: dict[tuple[str, date, str, str], tuple[int, Value]] = {}
    for period in periods(facts, movements):
        for movement in movements:
            if movement.movement == "lost" and period.holds(movement.moved_on):
                for segment in (movement.segment, ALL):
                    key = (period.kind, period.start, segment, movement.reason)
                    count, value = counted.get(key, (0, NOTHING))
                    counted[key] = (count + 1, value + movement.value)
    return counted
