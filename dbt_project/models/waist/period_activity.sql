-- grain: one row per period, segment (and `all`): customers of its opening who were no longer active at its close
-- A customer that left and came back within the period was kept, and so was one that became another one's.
-- Segment: the one held at the opening.
with movements as (
    select
        customer_id, moved_on, movement, segment,
        {{ days_between("date '1900-01-01'", 'moved_on') }} * 10 + step as nth,
        movement in ('transferred_in', 'transferred_out') and step > 1 as is_of_segment
    from {{ ref('movement') }}
    where movement in ('new', 'won_back', 'lost', 'transferred_out', 'merged', 'split')
        or (movement = 'transferred_in' and step = 1)
),

told as (
    select
        periods.period_kind,
        periods.period_start,
        movements.customer_id,
        min_by(movements.movement, movements.nth) filter (where not movements.is_of_segment) as first_movement,
        max_by(movements.movement, movements.nth) filter (where not movements.is_of_segment) as last_movement,
        min_by(movements.segment, movements.nth)
            filter (where movements.movement in ('lost', 'transferred_out', 'merged')) as opening_segment
    from movements
    inner join {{ ref('calendar') }} as periods
        on movements.moved_on >= periods.period_start
        and movements.moved_on < periods.next_period_start
    group by periods.period_kind, periods.period_start, movements.customer_id
),

gone as (
    select period_kind, period_start, opening_segment as segment
    from told
    where first_movement in ('lost', 'transferred_out', 'merged') and last_movement = 'lost'
    union all
    select period_kind, period_start, 'all' as segment
    from told
    where first_movement in ('lost', 'transferred_out', 'merged') and last_movement = 'lost'
)

select period_kind, period_start, segment, cast(count(*) as bigint) as opening_customers_lost
from gone
group by period_kind, period_start, segment
