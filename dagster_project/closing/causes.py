"""Why closed figures are known otherwise: what changed from one state of knowledge to the next, by cause.

`whole` gives a difference to one cause. `by_fact` splits one that comes of batches and identity alone. Figures of customer math are
sums over movements, so the split follows from the movements that are told in one state and not in the other, customer by customer:

    identity    its records were found to be one customer's with others, or no longer
    corrected   the first day that is told otherwise was told of before: differently, or of something since taken back
    back_dated  that day lies before the period, and nothing was told of it
    late        that day lies in the period, and nothing was told of it
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import duckdb

from dagster_project.closing.measures import BASES, MEASURES, effects
from dagster_project.database import connect
from dagster_project.sql import literal, parquet

CAUSES = ("late", "back_dated", "corrected", "identity", "definitions", "software")
MONTHS = {"month": 1, "quarter": 3, "year": 12}
OPENING = "date '0001-01-01'"  # before every period: customers that were there when history starts
ON_ALL = "('transferred_in_value', 'transferred_out_value')"

Period = tuple[str, date]


class Comparison:
    """Two states of knowledge (folders that `replay.keep` wrote), and the closed periods to compare in them."""

    def __init__(self, spill: Path, before: Path, after: Path, periods: Iterable[Period]) -> None:
        self.con = connect(spill=spill)
        for side, folder in (("before", before), ("after", after)):
            for table in ("customer_math", "movement", "identity"):
                file = parquet(folder / f"{table}.parquet")
                self.con.execute(f"create view {side}_{table} as select * from {file}")
        self.con.execute("create table closed (period_kind varchar, period_start date, months integer)")
        if rows := [(kind, start, MONTHS[kind]) for kind, start in periods]:
            self.con.executemany("insert into closed values (?, ?, ?)", rows)
        self.con.execute(
            "create view period as select *, cast(period_start + to_months(months) as date) as next_start from closed"
        )
        self.con.execute(DIFFERENCE.format(sides=" union all ".join(map(_figures, ("before", "after")))))

    def __enter__(self) -> "Comparison":
        return self

    def __exit__(self, *_: object) -> None:
        self.con.close()

    @property
    def has_moved(self) -> bool:
        return bool(self.con.execute("select 1 from difference limit 1").fetchall())

    def whole(self, cause: str) -> duckdb.DuckDBPyRelation:
        """All that moved, for one cause."""
        self._change()
        self.con.execute(f"create table class as select distinct customer_id, {literal(cause)} as class, "
                         "cast(null as date) as first_month from change")  # fmt: skip
        self.con.execute(f"create table moved as select *, {literal(cause)} as cause from difference")
        return self._told()

    def by_fact(self) -> duckdb.DuckDBPyRelation:
        """All that moved, each customer's part for its own cause."""
        self._change()
        self.con.execute(CLASS)
        self.con.execute(
            'create table effect (movement varchar, measure varchar, "when" varchar, weight integer, is_value boolean)'
        )
        self.con.executemany("insert into effect values (?, ?, ?, ?, ?)", effects())
        self.con.execute(MOVED)
        return self._told()

    def _change(self) -> None:
        self.con.execute(SUCCESSOR)
        self.con.execute(CHANGE)

    def _told(self) -> duckdb.DuckDBPyRelation:
        self.con.execute(CONCERNED)
        return self.con.sql(TOLD)


def _figures(side: str) -> str:
    measures = ", ".join(f"cast({measure} as decimal(18, 4)) as {measure}" for measure in MEASURES)
    sign = -1 if side == "before" else 1
    return f"""
        select period_kind, period_start, segment, value_basis, measure, {sign} * amount as amount
        from (
            unpivot (
                select period_kind, period_start, segment, value_basis, {measures} from {side}_customer_math
                semi join closed using (period_kind, period_start)
            )
            on {", ".join(MEASURES)} into name measure value amount
        )
    """


# A segment or a month that one of the two knows nothing of had no customers there.
DIFFERENCE = """
    create table difference as
    select period_kind, period_start, segment, value_basis, measure, cast(sum(amount) as decimal(18, 4)) as amount
    from ({sides})
    group by all
    having sum(amount) <> 0
"""

# A customer whose records stay together is the same one, whatever its id is called now.
SUCCESSOR = """
    create table pair as
    select distinct one.customer_id as earlier_id, other.customer_id as customer_id
    from before_identity as one
    inner join after_identity as other using (record);

    create table successor as
    select * from pair
    qualify count(*) over (partition by earlier_id) = 1 and count(*) over (partition by customer_id) = 1
"""

CHANGE = f"""
    create table change as
    with told as (
        select
            coalesce(successor.customer_id, movement.customer_id) as customer_id, moved_on, movement, segment,
            mrr_value, annualised_value, trailing_12m_value, -1 as sign
        from before_movement as movement
        left join successor on movement.customer_id = successor.earlier_id
        union all
        select customer_id, moved_on, movement, segment, mrr_value, annualised_value, trailing_12m_value, 1 as sign
        from after_movement
    )
    select
        * exclude (sign),
        case when movement = 'opening' then {OPENING} else cast(date_trunc('month', moved_on) as date) end as month,
        cast(sum(sign) as integer) as customers
    from told
    where moved_on < (select max(next_start) from period)
    group by all
    having sum(sign) <> 0
"""

CLASS = """
    create table class as
    with remade as (
        select unnest([pair.earlier_id, pair.customer_id]) as customer_id
        from pair
        anti join successor on pair.earlier_id = successor.earlier_id
    ),
    first_day as (
        select customer_id, moved_on as first_on, bool_or(customers < 0) as was_told
        from change
        group by customer_id, moved_on
        qualify row_number() over (partition by customer_id order by moved_on) = 1
    )
    select
        customer_id,
        case
            when customer_id in (select customer_id from remade) then 'identity'
            when was_told then 'corrected'
            else 'added'
        end as class,
        cast(date_trunc('month', first_on) as date) as first_month
    from first_day
"""

CAUSE = """
    case
        when class <> 'added' then class
        when first_month >= period_start then 'late'
        else 'back_dated'
    end
"""

# On `all`, customers bring and take values only where records change hands, which is identity's alone.
MOVED = f"""
    create table moved as
    with summed as (
        select
            class, first_month, month, segment, movement, sum(customers) as customers,
            {", ".join(f"sum(customers * {basis}_value) as {basis}" for basis in BASES)}
        from change
        inner join class using (customer_id)
        group by all
    ),
    on_bases as (
        unpivot summed on {", ".join(BASES)} into name value_basis value amount
    ),
    parts as (
        select
            period_kind, period_start, segment, value_basis, measure, {CAUSE} as cause,
            sum(weight * cast(case when is_value then amount else customers end as decimal(18, 4))) as amount
        from on_bases
        inner join effect using (movement)
        inner join period
            on on_bases.month < period.next_start
            and case effect."when"
                when 'within' then on_bases.month >= period.period_start
                when 'before' then on_bases.month < period.period_start
                else true
            end
        group by all
    ),
    with_all as (
        select * from parts
        union all
        select period_kind, period_start, 'all', value_basis, measure, cause, sum(amount)
        from parts
        where not starts_with(measure, 'transferred_')
        group by all
        union all
        select period_kind, period_start, segment, value_basis, measure, 'identity', amount
        from difference
        where segment = 'all' and measure in {ON_ALL}
    )
    select * replace (cast(amount as decimal(18, 4)) as amount)
    from with_all
    where amount <> 0
"""

CONCERNED = f"""
    create table concerned as
    with first_change as (
        select customer_id, segment, min(month) as month from change group by all
        union all
        select customer_id, 'all' as segment, min(month) as month from change group by all
    )
    select period_kind, period_start, segment, {CAUSE} as cause, count(*) as customers
    from first_change
    inner join class using (customer_id)
    inner join period on first_change.month < period.next_start
    group by all
"""

TOLD = """
    select moved.*, coalesce(concerned.customers, 0) as customers
    from moved
    left join concerned using (period_kind, period_start, segment, cause)
    order by all
"""
