-- grain: one row per period, segment (and `all`): customers of its opening of whom nothing is left at its close
-- What held_cohort tells beside their value too; customer math would wait for that. Segment: the one held at the opening.
{%- set nth = days_between("date '1900-01-01'", 'ledger.day') ~ ' * 10 + ledger.step' %}
{%- set known = known_month('ledger.day') %}
with periods as (
    select
        period_kind,
        period_start,
        next_period_start,
        {{ month_number('period_start') }} - 1 as opening_number,
        {{ month_number('next_period_start') }} - 1 as closing_number
    from {{ ref('calendar') }}
),

ties as (
    select periods.*, tied.customer_id, tied.tied_to
    from {{ ref('held_tie') }} as tied
    inner join periods
        on tied.window_kind = periods.period_kind
        and tied.closing_number = periods.closing_number
),

-- whoever no hand-over ties to others has left where it went once more than it came; a change of segment is neither
alone as (
    select
        periods.period_kind,
        periods.period_start,
        min_by(moved.segment, {{ days_between("date '1900-01-01'", 'moved.moved_on') }} * 10 + moved.step)
            filter (where moved.movement in ('lost', 'transferred_out', 'merged')) as segment
    from {{ ref('movement') }} as moved
    inner join periods
        on moved.moved_on >= periods.period_start
        and moved.moved_on < periods.next_period_start
    left join ties
        on periods.period_kind = ties.period_kind
        and periods.period_start = ties.period_start
        and moved.customer_id = ties.customer_id
    where moved.movement in ('new', 'won_back', 'lost', 'transferred_in', 'transferred_out', 'merged', 'split')
        and ties.customer_id is null
    group by periods.period_kind, periods.period_start, moved.customer_id
    having sum(case
        when moved.movement in ('lost', 'merged') or (moved.movement = 'transferred_out' and moved.step = 1) then 1
        when moved.movement in ('new', 'won_back', 'split') or moved.step = 1 then -1
        else 0
    end) > 0
),

-- of those that are tied, all have left where none is active at the close
states as (
    select
        ties.period_kind, ties.period_start, ties.customer_id, ties.tied_to,
        max_by(ledger.is_active, {{ nth }}) filter (where {{ known }} <= ties.opening_number) as was_active,
        max_by(ledger.segment, {{ nth }}) filter (where {{ known }} <= ties.opening_number) as segment,
        max_by(ledger.is_active, {{ nth }}) filter (where {{ known }} <= ties.closing_number) as is_active
    from ties
    inner join {{ ref('ledger') }} as ledger on ties.customer_id = ledger.customer_id
    cross join {{ ref('company') }} as company
    group by ties.period_kind, ties.period_start, ties.customer_id, ties.tied_to
),

together as (
    select
        period_kind, period_start, segment, was_active,
        bool_or(coalesce(is_active, false)) over (partition by period_kind, period_start, tied_to) as is_any_active
    from states
),

gone as (
    select period_kind, period_start, segment
    from alone
    union all
    select period_kind, period_start, segment
    from together
    where was_active and not is_any_active
),

summed as (
    select
        period_kind,
        period_start,
        case when grouping(segment) = 1 then 'all' else segment end as segment,
        cast(count(*) as bigint) as opening_customers_lost
    from gone
    group by grouping sets ((period_kind, period_start, segment), (period_kind, period_start))
)

select * from summed
