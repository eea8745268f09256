"""What a leader reads before any table: sentences in whole numbers, and two bowls of marbles."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from tests.oracles.customer_math import (
    ALL,
    MINOR_UNIT_DIGITS,
    ONE_DAY,
    UNKNOWN,
    Facts,
    channel_of_each,
    count_by,
    customer_math,
    histories,
    kept_in,
    loss_reasons,
    periods,
    standing,
    value_movements,
)

WARNING_KEY = ("period_kind", "period_start", "segment", "value_basis", "flag")
MARBLE_KEY = ("period_kind", "period_start", "segment")
OPENING_KEY = ("period_kind", "period_start", "segment", "line")
FLAGS = (
    "is_value_shrinking_while_count_grows", "is_rate_flattering", "is_revenue_masking_loss",
    "is_channel_flattering", "is_growth_only_won_back",
)  # fmt: skip
PER = {"mrr": " a month", "annualised": " a year", "trailing_12m": " in twelve months"}


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def money(amount: Decimal, facts: Facts) -> str:
    currency = facts.settings.reporting_currency
    return f"{currency} {abs(amount):,.{MINOR_UNIT_DIGITS[currency]}f}"


def kept_and_channels(facts: Facts) -> dict[tuple, tuple[int, dict[str, int]]]:
    """Of each period and segment how many of its opening stayed, and its new customers by where they came from."""
    everyone = histories(facts)
    movements = value_movements(facts)
    starts_on = facts.settings.history_starts_on or date.min
    source_of = channel_of_each(everyone)
    found = {}
    for period in periods(facts, movements):
        in_period = [movement for movement in movements if period.holds(movement.moved_on)]
        opened = standing(facts)(max(period.start - ONE_DAY, starts_on)).customers
        kept = kept_in(period, facts)
        for segment in {*opened, *(movement.segment for movement in in_period), ALL}:
            new = [m for m in in_period if m.movement == "new" and segment in (m.segment, ALL)]
            sources = count_by(source_of[movement.customer] for movement in new)
            found[period.kind, period.start, segment] = len(opened[segment] & kept), dict(sources)
    return found


def warnings(facts: Facts) -> list[dict]:
    rows, before = [], {}
    known = kept_and_channels(facts)
    for math in customer_math(facts):
        series = math["period_kind"], math["segment"], math["value_basis"]
        kept, sources = known.get((math["period_kind"], math["period_start"], math["segment"]), (0, {}))
        this = math | {"kept": kept, "sources": sources}
        for flag in FLAGS:
            if math[flag]:
                key = {column: math[column] for column in WARNING_KEY[:4]}
                rows.append(key | {"flag": flag, "sentence": warning(flag, this, before.get(series), facts)})
        before[series] = this
    return rows


def warning(flag: str, this: dict, previous: dict | None, facts: Facts) -> str:
    net = counted(abs(this["net_customers"]), "customer")
    worth = money(this["net_value"], facts) + PER[this["value_basis"]]
    ago = f"the {this['period_kind']} before"
    if flag == "is_value_shrinking_while_count_grows":
        came = f"{net} more came than left" if this["net_customers"] else "As many customers came as left"
        return f"{came}, and yet you earn {worth} less."
    if flag == "is_rate_flattering":
        kept = f"{this['kept']:,} of {counted(this['opening_customers'], 'customer')}"
        kept_before = f"{previous['kept']:,} of {previous['opening_customers']:,}"
        return (
            f"You kept {kept}, no smaller a share than {ago} ({kept_before}), "
            f"and yet {net} more left than came."
        )
    if flag == "is_revenue_masking_loss":
        return f"You earn {worth} more, and yet {net} more left than came."
    if flag == "is_channel_flattering":
        rises = {s: n - previous["sources"].get(s, 0) for s, n in this["sources"].items()}
        channel = min(rises, key=lambda source: (-rises[source], source))
        brought = counted(this["sources"][channel], "new customer")
        return (
            f"{channel} brought {brought} after {previous['sources'].get(channel, 0):,} {ago}, and yet all channels "
            f"together brought {this['new_customers']:,} after {previous['new_customers']:,}."
        )
    were = "was" if this["new_customers"] == 1 else "were"
    return (
        f"You have {net} more only because {this['won_back_customers']:,} came back: "
        f"{this['new_customers']:,} {were} new and {this['lost_customers']:,} left."
    )


def marbles(facts: Facts) -> list[dict]:
    rows = []
    for math in customer_math(facts):
        if math["value_basis"] == "mrr":
            came, left = math["new_customers"] + math["won_back_customers"], math["lost_customers"]
            size = next(size for size in sizes() if max(came, left) <= 50 * size)
            bowls = [int(Decimal(customers) / size + Decimal("0.5")) for customers in (came, left)]
            rows.append(
                {
                    **{column: math[column] for column in MARBLE_KEY},
                    "marble_size": size,
                    "marbles_in": bowls[0],
                    "marbles_out": bowls[1],
                    "customers_in": came,
                    "customers_out": left,
                    "is_tie_by_rounding": bowls[0] == bowls[1] and came != left,
                }
            )
    return rows


def sizes() -> Iterator[int]:
    power = 1
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10


def meeting_opening(facts: Facts) -> list[dict]:
    rows = []
    reasons = loss_reasons(facts)
    for math in customer_math(facts):
        if math["value_basis"] == "mrr":
            key = {column: math[column] for column in MARBLE_KEY}
            for line, (about, sentence) in enumerate(in_and_out(math, facts), start=1):
                rows.append(key | {"line": line, "about": about, "sentence": sentence})
            given = [
                (count, value, reason)
                for (*of, reason), (count, value) in reasons.items()
                if tuple(of) == tuple(key.values())
            ]
            given.sort(key=lambda row: (-row[0], -row[1].mrr, -row[1].trailing_12m, row[2]))
            known = [row for row in given if row[2] != UNKNOWN][:5]
            for line, (count, value, reason) in enumerate(known, start=6):
                told = f"{counted(count, 'customer')} worth {money(value.mrr, facts)} a month."
                rows.append(
                    key
                    | {
                        "line": line,
                        "about": "reason",
                        "sentence": f"Lost for this reason: {reason}, {told}",
                    }
                )
            for count, value, reason in given:
                if reason == UNKNOWN:
                    told = f"{counted(count, 'customer')} worth {money(value.mrr, facts)} a month."
                    rows.append(
                        key
                        | {"line": 11, "about": "unknown_reason", "sentence": f"Why is not known of {told}"}
                    )
    return rows


def in_and_out(math: dict, facts: Facts) -> Iterator[tuple[str, str]]:
    start = math["period_start"]
    name = (
        f"{start:%B %Y}"
        if math["period_kind"] == "month"
        else f"the {math['period_kind']} from {start:%B %Y}"
    )
    months = {"month": 1, "quarter": 3, "year": 12}[math["period_kind"]]
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    is_open = facts.as_of < date(year, month + 1, 1) - ONE_DAY
    worth = {
        flow: f"worth {money(math[f'{flow}_value'], facts)} a month"
        for flow in ("new", "won_back", "lost", "closing")
    }
    many = {
        flow: counted(math[f"{flow}_customers"], noun)
        for flow, noun in {
            "new": "new customer", "won_back": "customer", "lost": "customer", "closing": "customer",
        }.items()
    }  # fmt: skip
    yield "new", f"In {name}{' so far' if is_open else ''} you gained {many['new']} {worth['new']}."
    yield "won_back", f"You won back {many['won_back']} {worth['won_back']}."
    yield "lost", f"You lost {many['lost']} {worth['lost']}."
    net, value = math["net_customers"], math["net_value"]
    fewer = "more" if net > 0 else "fewer"
    held = f"{counted(abs(net), 'customer')} {fewer}" if net else "as many customers came as left"
    change = "more" if value > 0 else "less" if value < 0 else "of change"
    yield "net", f"Net: {held} and {money(value, facts)} a month {change}."
    yield "closing", f"You {'hold' if is_open else 'closed with'} {many['closing']} {worth['closing']}."
