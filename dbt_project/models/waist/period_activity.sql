-- grain: one row per period, segment (and `all`): customers of its opening who were no longer active at its close
-- A customer that left and came back within the period was kept. Segment: the one held at the opening.
with movements as (
    select customer_id, moved_on, step, movement, segment
    from {{ ref('movement') }}
    where movement in ('new', 'won_back', 'lost', 'transferred_out')
),

told as (
    select
        periods.period_kind,
        periods.period_start,
        movements.customer_id,
        min_by(movements.movement, movements.moved_on)
            filter (where movements.movement <> 'transferred_out') as first_movement,
        max_by(movements.movement, movements.moved_on)
            filter (where movements.movement <> 'transferred_out') as last_movement,
        min_by(movements.segment, {{ days_between("date '1900-01-01'", 'movements.moved_on') }} * 10 + movements.step)
            filter (where movements.movement in ('lost', 'transferred_out')) as opening_segment
    from movements
    inner join {{ ref('calendar') }} as periods
        on movements.moved_on >= periods.period_start
        and movements.moved_on < periods.next_period_start
    group by periods.period_kind, periods.period_start, movements.customer_id
),

gone as (
    select period_kind, period_start, opening_segment as segment
    from told
    where first_movement = 'lost' and last_movement = 'lost'
    union all
    select period_kind, period_start, 'all' as segment
    from told
    where first_movement = 'lost' and last_movement = 'lost'
)

select period_kind, period_start, segment, cast(count(*) as bigint) as opening_customers_lost
from gone
group by period_kind, period_start, segment
