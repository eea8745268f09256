"""Earned growth the slow way: each customer's revenue of two years is added up month by month."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from tests.oracles.customer_math import (
    ALL,
    ONE_DAY,
    Facts,
    History,
    half_up,
    histories,
    months_later,
    once,
    periods,
    ratio,
    segments_of,
    value_movements,
)
from tests.oracles.recognised_revenue import Earned, recognised

ZERO = Decimal(0)
NOBODY_KNOWN = "a record that no source has"
KINDS = ("retained", "earned", "bought", "unattributed", "won_back")


@once
def every_record(facts: Facts) -> set[str]:
    return set().union(*(history.records for history in histories(facts)))


def origin_of(facts: Facts, history: History) -> tuple[str, bool, bool]:
    """Earned, bought or unattributed; whether somebody recommended us; and whether anything is known of it."""
    source = history.acquisition_source
    kind, is_referral = facts.source_kinds.get((source or "").lower(), ("unattributed", False))
    if referrer_of(facts, history):
        return "earned", True, True
    return kind, is_referral, kind != "unattributed"


def referrer_of(facts: Facts, history: History) -> str | None:
    """The record that recommended us to one of a customer's records; nobody recommends us to themselves."""
    held = {record for record in history.records if history.has(record, facts.as_of)} or history.records
    for record in sorted(held):
        referrer = facts.referrers.get(record)
        if referrer and referrer not in every_record(facts):
            return NOBODY_KNOWN  # though a customer may have its name
        if referrer and facts.customer_on(referrer, facts.as_of) != history.customer:
            return referrer
    return None


def earned_growth(facts: Facts) -> list[dict]:
    everyone = histories(facts)
    by_name = {history.customer: history for history in everyone}
    of_customer: dict[str, list[Earned]] = defaultdict(list)
    for piece in recognised(facts):
        of_customer[facts.customer_on(piece.record, facts.as_of)].append(piece)

    rows = []
    first_whole_day = facts.settings.history_starts_on or date.min
    open_month = (facts.as_of + ONE_DAY).replace(day=1)
    for period in periods(facts, value_movements(facts)):
        if period.kind != "year":
            continue
        to = min(period.end, open_month)
        earlier_from, earlier_to = months_later(period.start, -12), months_later(to, -12)
        is_known = period.start < to and first_whole_day < earlier_from
        last: dict[str, Decimal] = defaultdict(Decimal)
        customers: dict[str, int] = defaultdict(int)
        this: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for name, pieces in of_customer.items() if is_known else ():
            in_last = sum((p.amount for p in pieces if earlier_from <= p.month < earlier_to), ZERO)
            in_this = [p for p in pieces if period.start <= p.month < to]
            if in_last > 0:
                kind, told_on = "retained", period.start - ONE_DAY
            else:
                is_back = any(p.month < earlier_from for p in pieces)
                kind = "won_back" if is_back else origin_of(facts, by_name[name])[0]
                told_on = min((p.first_on for p in in_this), default=period.start - ONE_DAY)
            for segment in (by_name[name].segment_on(told_on), ALL):
                last[segment] += in_last
                customers[segment] += in_last > 0
                this[segment, kind] += sum((p.amount for p in in_this), ZERO)
        for segment in segments_of(facts, everyone):
            known = {kind: this[segment, kind] for kind in KINDS}
            rows.append(
                row(facts, period.start, segment, to, customers[segment], last[segment], known)
                if is_known
                else unknown(facts, period.start, segment)
            )
    return rows


def row(
    facts: Facts, start: date, segment: str, to: date, customers: int, last: Decimal, this: dict[str, Decimal]
) -> dict:
    total = sum(this.values(), ZERO)
    is_small = customers < facts.settings.minimum_cell_size
    base = ZERO if is_small or last <= 0 else last
    lower = this["retained"] + this["earned"] - last
    return {
        "period_kind": "year",
        "period_start": start,
        "segment": segment,
        "currency": facts.settings.reporting_currency,
        "counted_to": to,
        "last_year_customers": customers,
        "last_year_revenue": last,
        "this_year_revenue": total,
        "retained_revenue": this["retained"],
        "earned_new_revenue": this["earned"],
        "bought_new_revenue": this["bought"],
        "unattributed_new_revenue": this["unattributed"],
        "won_back_revenue": this["won_back"],
        "revenue_growth_rate": half_up(ratio(total - last, base)),
        "nrr_revenue_yoy": half_up(ratio(this["retained"], base)),
        "earned_new_rate": half_up(ratio(this["earned"], base)),
        "bought_new_rate": half_up(ratio(this["bought"], base)),
        "unattributed_new_rate": half_up(ratio(this["unattributed"], base)),
        "won_back_rate": half_up(ratio(this["won_back"], base)),
        "earned_growth_rate_lower": half_up(ratio(lower, base)),
        "earned_growth_rate_upper": half_up(ratio(lower + this["unattributed"], base)),
        "earned_growth_ratio": half_up(ratio(lower, max(total - last, ZERO) if base else ZERO)),
        "missing_source": None,
        "is_small_cell": is_small,
    }


def unknown(facts: Facts, start: date, segment: str) -> dict:
    names = row(facts, start, segment, start, 0, ZERO, dict.fromkeys(KINDS, ZERO))
    return dict.fromkeys(names) | {
        "period_kind": "year",
        "period_start": start,
        "segment": segment,
        "currency": facts.settings.reporting_currency,
        "missing_source": "revenue of both years",
        "is_small_cell": None,
    }
