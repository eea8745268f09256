"""Why a number is what it is: from a figure of `customer_math` to customers, their movements and source
records.

Reads the current publication only, so what it explains is what readers see.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from difflib import get_close_matches

import duckdb

from dagster_project.database import connect
from dagster_project.errors import UserError
from dagster_project.paths import Paths
from dagster_project.publication.shelf import Shelf
from dagster_project.publication.tables import OPEN_FILE
from dagster_project.words import count, listing, money, months_later, period_in_words

MONTHS = {"month": 1, "quarter": 3, "year": 12}
UNTIL_NOW = {  # what each movement does to what was there before it
    "new": 1, "won_back": 1, "expansion": 1, "contraction": -1, "lost": -1, "transferred_in": 1,
    "transferred_out": -1, "merged": -1, "split": 1, "handed_over": -1, "taken_over": 1, "fx": 1,
}  # fmt: skip
COUNTED = {"new", "won_back", "lost", "transferred_in", "transferred_out", "merged", "split"}
COMES = ("transferred_in", "split", "taken_over")  # to another segment or another customer's id
GOES = ("transferred_out", "merged", "handed_over")
COMMERCIAL = ("new", "won_back", "expansion", "contraction", "lost")

# The movements behind each measure, and whether each adds to it or takes away.
FLOWS = {
    **{f"{kind}_customers": {kind: 1} for kind in sorted(COUNTED - {"merged", "split"})},
    **{f"{kind}_value": {kind: 1} for kind in sorted(UNTIL_NOW) if kind not in (*COMES, *GOES)},
    "transferred_in_value": dict.fromkeys(COMES, 1),
    "transferred_out_value": dict.fromkeys(GOES, 1),
    "merged_customers": {"merged": 1, "split": -1},
    "net_customers": {kind: UNTIL_NOW[kind] for kind in COMMERCIAL if kind in COUNTED},
    "net_value": {kind: UNTIL_NOW[kind] for kind in COMMERCIAL},
}
LEFT_OVER = {
    "transferred_in_value": 1,
    "transferred_out_value": -1,
}  # on `all` what exceeds the other one in a month
STANDINGS = ("opening_customers", "closing_customers", "opening_value", "closing_value")
MADE_OF = {
    "value_exchange_ratio": ("new_value", "new_customers", "lost_value", "lost_customers"),
    "replacement_share": ("new_customers", "lost_customers"),
}
BASES = ("mrr", "annualised", "trailing_12m")
RECORDS_SHOWN = 3


@dataclass(frozen=True)
class Asked:
    """One figure of customer_math: a measure of a period [start, end), a segment and a value basis."""

    kind: str
    start: date
    end: date
    measure: str
    segment: str
    value_basis: str

    @property
    def is_count(self) -> bool:
        return self.measure.endswith("_customers")


@dataclass(frozen=True)
class Line:
    """One customer's part of a figure: what moved on which day, and how much of the figure that is."""

    customer_id: str
    moved_on: date
    movement: str
    part: Decimal
    value: Decimal
    reason: str | None


def explain(
    paths: Paths,
    period: str,
    measure: str,
    segment: str = "all",
    value_basis: str = "mrr",
    limit: int = 20,
) -> list[str]:
    """The lines that tell what a figure is made of; `limit` is how many customers are listed.

    `period` is a month '2026-10', a quarter '2026-Q3' or a year '2026' (fiscal ones, named by the year
    they start in). Raises UserError, with the nearest names, where there is no such figure.
    """
    publication = Shelf(paths.published).linked()
    if publication is None:
        raise UserError(f"Nothing is published in {paths.published} yet: run `make run` first.")
    with connect(publication / OPEN_FILE, read_only=True) as connection:
        asked = read_question(connection, period, measure, segment, value_basis)
        figure, currency = read_figure(connection, asked)
        is_standing = asked.measure in STANDINGS
        is_left_over = asked.segment == "all" and asked.measure in LEFT_OVER
        if is_standing:
            lines, start = standing(connection, asked)
        else:
            lines, start = (left_over if is_left_over else movements)(connection, asked), Decimal(0)
        shown = lines[:limit]
        told = [
            *heading(asked, figure, currency, publication.name),
            "",
            *(
                text
                for line in shown
                for text in (one_line(line, currency), *records_behind(connection, asked, line))
            ),
            *rest(lines, limit, asked, currency),
            *there_from_the_start(start, asked, currency),
            in_sum(sum((line.part for line in lines), start), figure, asked, currency),
        ]
    return told


def read_question(
    connection: duckdb.DuckDBPyConnection, period: str, measure: str, segment: str, value_basis: str
) -> Asked:
    """The question, where this publication has an answer to it."""
    if measure in MADE_OF:
        raise UserError(f"{measure} is a ratio; ask for what it is made of: {listing([*MADE_OF[measure]])}.")
    known(measure, [*FLOWS, *STANDINGS], "measure that can be explained")
    known(value_basis, BASES, "value basis")
    known(segment, column(connection, "distinct segment"), "segment")
    kind, start = read_period(connection, period)
    return Asked(kind, start, months_later(start, MONTHS[kind]), measure, segment, value_basis)


def read_period(connection: duckdb.DuckDBPyConnection, period: str) -> tuple[str, date]:
    """The kind and first day of a period such as '2026-10', '2026-Q3' or '2026'."""
    written = re.fullmatch(r"([12][0-9]{3})(?:-(0[1-9]|1[0-2])|-?[Qq]([1-4]))?", period.strip())
    if not written:
        raise UserError(
            f"'{period}' is not a period: write a month as 2026-10, a quarter as 2026-Q3, a year as 2026."
        )
    year, month, quarter = (int(part) if part else None for part in written.groups())
    years = connection.execute(
        "select distinct month(period_start) from customer_assets.customer_math where period_kind = 'year'"
    ).fetchall()
    first_month = years[0][0] if years else 1
    if month:
        kind, start = "month", date(year, month, 1)
    elif quarter:
        kind, start = "quarter", months_later(date(year, first_month, 1), 3 * (quarter - 1))
    else:
        kind, start = "year", date(year, first_month, 1)
    starts = column(connection, "distinct period_start", f"period_kind = '{kind}'")
    if start not in starts:
        reach = (
            f"this publication has {kind}s from {starts[0]} to {starts[-1]}"
            if starts
            else "it has no figures yet"
        )
        raise UserError(f"There is no {kind} that starts on {start} in customer_math: {reach}.")
    return kind, start


def known(name: str, names: Sequence[str], what: str) -> None:
    if name not in names:
        near = get_close_matches(name, names, n=3, cutoff=0.5) or sorted(names)
        raise UserError(f"There is no {what} '{name}'; there is {listing(near)}.")


def column(connection: duckdb.DuckDBPyConnection, expression: str, condition: str = "true") -> list:
    rows = connection.execute(
        f"select {expression} from customer_assets.customer_math where {condition} order by all"
    ).fetchall()
    return [value for (value,) in rows]


def read_figure(connection: duckdb.DuckDBPyConnection, asked: Asked) -> tuple[Decimal, str]:
    """The figure itself, and the currency of its row."""
    figure, currency = connection.execute(
        f"""
        select {asked.measure}, currency from customer_assets.customer_math
        where period_kind = ? and period_start = ? and segment = ? and value_basis = ?
        """,
        [asked.kind, asked.start, asked.segment, asked.value_basis],
    ).fetchone()
    return Decimal(figure), currency


def movements(connection: duckdb.DuckDBPyConnection, asked: Asked) -> list[Line]:
    """The movements of a period that make up a flow, the largest first."""
    signs = FLOWS[asked.measure]
    if asked.segment == "all":
        signs = {kind: sign for kind, sign in signs.items() if not kind.startswith("transferred")}
    value = f"{asked.value_basis}_value"
    rows = connection.execute(
        f"""
        select customer_id, moved_on, movement, {value}, reason
        from customer_assets.value_movement
        where moved_on >= $start and moved_on < $end and list_contains($kinds, movement)
            and (segment = $segment or $segment = 'all')
            and ($is_count or {value} <> 0)
        order by abs({value}) desc, moved_on, customer_id, movement
        """,
        {
            "start": asked.start,
            "end": asked.end,
            "kinds": list(signs),
            "segment": asked.segment,
            "is_count": asked.is_count,
        },
    ).fetchall()
    return [
        Line(customer, day, kind, Decimal(signs[kind]) * (1 if asked.is_count else amount), amount, reason)
        for customer, day, kind, amount, reason in rows
    ]


def left_over(connection: duckdb.DuckDBPyConnection, asked: Asked) -> list[Line]:
    """What is left of transferred values on `all`, by customer and day, the largest first.

    All that came and went in a month counts, where more came than went, or more went than came: as is asked.
    """
    value = f"{asked.value_basis}_value"
    directions = " ".join(f"when '{kind}' then {UNTIL_NOW[kind]}" for kind in (*COMES, *GOES))
    rows = connection.execute(
        f"""
        with moved as (
            select *, $sign * {value} * case movement {directions} end as part,
                sum(part) over (partition by date_trunc('month', moved_on)) as left_over
            from customer_assets.value_movement
            where moved_on >= $start and moved_on < $end and list_contains($kinds, movement)
        )
        select customer_id, moved_on, max_by(movement, abs(part)), sum(part) as part
        from moved
        where left_over > 0
        group by customer_id, moved_on
        having sum(part) <> 0
        order by abs(sum(part)) desc, moved_on, customer_id
        """,
        {
            "start": asked.start,
            "end": asked.end,
            "kinds": [*COMES, *GOES],
            "sign": LEFT_OVER[asked.measure],
        },
    ).fetchall()
    return [Line(customer, day, kind, part, abs(part), None) for customer, day, kind, part in rows]


def standing(connection: duckdb.DuckDBPyConnection, asked: Asked) -> tuple[list[Line], Decimal]:
    """What each customer adds to an opening or closing, the largest first, and what was there before any
    movement.

    A standing is what history opened with and every movement since; each customer's line is dated by its
    last one, and takes away where what was there when history opened has gone.
    """
    is_opening = asked.measure.startswith("opening")
    directions = " ".join(f"when '{kind}' then {sign}" for kind, sign in UNTIL_NOW.items())
    rows = connection.execute(
        f"""
        with moved as (
            select *, case movement {directions} end as direction
            from customer_assets.value_movement
            where moved_on < $until and (segment = $segment or $segment = 'all')
        ),
        stood as (
            select customer_id,
                coalesce(
                    max(moved_on) filter (where $segment <> 'all' or movement not like 'transferred%'), max(moved_on)
                ) as since,
                coalesce(sum(direction) filter (where list_contains($counted, movement)), 0) as customers,
                coalesce(sum(direction * {asked.value_basis}_value), 0) as value
            from moved
            group by customer_id
        )
        select customer_id, since, customers, value from stood
        where case when $is_count then customers <> 0 else value <> 0 end
        order by abs(value) desc, customer_id
        """,
        {
            "until": asked.start if is_opening else asked.end,
            "segment": asked.segment,
            "counted": sorted(COUNTED),
            "is_count": asked.is_count,
        },
    ).fetchall()
    lines = [
        Line(customer, day, "since" if part > 0 else "less since", part, amount, None)
        for customer, day, customers, amount in rows
        for part in [Decimal(customers) if asked.is_count else amount]
    ]
    opened_with = connection.execute(
        f"""
        select opening_{"customers" if asked.is_count else "value"} from customer_assets.customer_math
        where period_kind = ? and segment = ? and value_basis = ?
        order by period_start limit 1
        """,
        [asked.kind, asked.segment, asked.value_basis],
    ).fetchone()
    return lines, Decimal(opened_with[0])


def records_behind(connection: duckdb.DuckDBPyConnection, asked: Asked, line: Line) -> list[str]:
    """The source records of one line: of the spans and purchases that began or ended that day, else of those in force
    then. On `trailing_12m` a purchase also ends twelve months after its day.

    What records moved that became another customer's is traced to those records, and a buyer also to purchases under the ids
    that its records had. A customer without any is traced through the identity map instead.
    """
    day = line.moved_on
    told = records_that_moved(connection, line) if line.movement in (*COMES, *GOES) else []
    if asked.measure in STANDINGS and line.part > 0:  # of what went, the records of the day it went
        day = (asked.start if asked.measure.startswith("opening") else asked.end) - timedelta(days=1)
    told = told or sources_of(connection, asked, [line.customer_id], day)
    told = told or sources_of(connection, asked, earlier_ids(connection, line.customer_id), day)
    if not told:
        mapped = connection.execute(
            """
            select distinct vendor, object, source_ref from core.identity_map
            where customer_id = ?
            order by all
            """,
            [line.customer_id],
        ).fetchall()
        told = [f"{vendor} {kind} {ref}, by the identity map" for vendor, kind, ref in mapped]
    more = [f"and {count(len(told) - RECORDS_SHOWN, 'more record')}"] if len(told) > RECORDS_SHOWN else []
    return [f"    from {text}" for text in told[:RECORDS_SHOWN]] + [f"    {text}" for text in more]


def records_that_moved(connection: duckdb.DuckDBPyConnection, line: Line) -> list[str]:
    """The records that came to a customer, or went from it, on the day of a line."""
    own, other = ("valid_from", "valid_to") if line.movement in COMES else ("valid_to", "valid_from")
    rows = connection.execute(
        f"""
        select distinct own.vendor, own.object, own.source_ref, other.customer_id
        from core.identity_map as own
        inner join core.identity_map as other using (vendor, system, object, source_ref)
        where own.customer_id = ? and own.{own} = ? and other.{other} = own.{own}
        order by all
        """,
        [line.customer_id, line.moved_on],
    ).fetchall()
    words = "until then" if line.movement in COMES else "from then on"
    return [f"{vendor} {kind} {ref}, {customer}'s {words}" for vendor, kind, ref, customer in rows]


def earlier_ids(connection: duckdb.DuckDBPyConnection, customer: str) -> list[str]:
    """The ids that a customer's records had before they were its."""
    rows = connection.execute(
        """
        select distinct other.customer_id
        from core.identity_map as own
        inner join core.identity_map as other using (vendor, system, object, source_ref)
        where own.customer_id = ? and other.valid_to <= own.valid_from
        order by all
        """,
        [customer],
    ).fetchall()
    return [customer_id for (customer_id,) in rows]


def sources_of(
    connection: duckdb.DuckDBPyConnection, asked: Asked, customers: list[str], day: date
) -> list[str]:
    """The records of spans and purchases of customers, nearest to a day."""
    records = connection.execute(
        """
        with sources as (
            select vendor, object, source_ref, batch_id, record, valid_from, valid_to, null as leaves_sum_on
            from core.revenue_span where list_contains($customers, customer_id)
            union all
            select vendor, object, source_ref, batch_id, record, purchased_on as valid_from,
                coalesce(active_to, purchased_on) as valid_to,
                cast(case when $is_trailing then purchased_on + interval 12 month end as date) as leaves_sum_on
            from core.customer_purchase where list_contains($customers, customer_id)
        ),
        near as (
            select *, case when $day in (valid_from, valid_to, leaves_sum_on) then 1 else 2 end as distance
            from sources
            where valid_from <= $day and (coalesce(valid_to, $day) >= $day or leaves_sum_on = $day)
        )
        select distinct vendor, object, source_ref, file, record
        from near
        left join governance.batches using (batch_id, vendor, object)
        where distance = (select min(distance) from near)
        order by all
        """,
        {"customers": customers, "day": day, "is_trailing": asked.value_basis == "trailing_12m"},
    ).fetchall()
    return [
        f"{vendor} {kind} {ref}: {file or 'a batch no longer listed'}, record {record}"
        for vendor, kind, ref, file, record in records
    ]


def heading(asked: Asked, figure: Decimal, currency: str, publication: str) -> list[str]:
    """The figure as a sentence, and where it stands."""
    period = period_in_words(asked.kind, asked.start)
    of = "all segments" if asked.segment == "all" else f"segment {asked.segment}"
    return [
        f"{asked.measure} of {period}, {of}, is {amount(figure, asked, currency)}.",
        f"It stands in customer_assets.customer_math, publication {publication}, by {asked.value_basis}.",
    ]


def one_line(line: Line, currency: str) -> str:
    reason = f", reason {line.reason or 'unknown'}" if line.movement == "lost" else ""
    return f"{line.customer_id}  {line.movement} {line.moved_on}  {money(line.value, currency)}{reason}"


def rest(lines: list[Line], limit: int, asked: Asked, currency: str) -> list[str]:
    """What is not listed, so that all there is to see adds up."""
    if len(lines) <= limit:
        return []
    parts = amount(sum((line.part for line in lines[limit:]), Decimal(0)), asked, currency)
    return [f"… and {len(lines) - limit:,} more, together {parts} (LIMIT={len(lines)} lists all)."]


def there_from_the_start(start: Decimal, asked: Asked, currency: str) -> list[str]:
    if not start:
        return []
    return [f"Where history starts, before any movement, there was {amount(start, asked, currency)} already."]


def in_sum(total: Decimal, figure: Decimal, asked: Asked, currency: str) -> str:
    """Whether the lines add up to the figure, exactly."""
    if total == figure:
        return f"Together that is {amount(total, asked, currency)}: exactly the figure."
    return (
        f"Together that is {amount(total, asked, currency)}, but the figure is "
        f"{amount(figure, asked, currency)}: this publication contradicts itself, please report it."
    )


def amount(number: Decimal, asked: Asked, currency: str) -> str:
    return f"{int(number):,}" if asked.is_count else money(number, currency)
