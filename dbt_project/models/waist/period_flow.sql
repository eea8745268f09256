-- grain: one row per period, segment (and `all`) and movement: customers and values that moved
-- `opening` rows of history's start lie before the first period of each kind, so they are summed into every opening.
{%- set bases = ['mrr', 'annualised', 'trailing_12m'] %}
{%- set comes = "('transferred_in', 'split', 'taken_over')" %}
{%- set goes = "('transferred_out', 'merged', 'handed_over')" %}
with movements as (
    select
        {{ month_of('moved_on') }} as month_start, segment, movement, mrr_value, annualised_value, trailing_12m_value
    from {{ ref('movement') }}
),

monthly as (
    select
        case when movement = 'opening' then cast(null as date) else month_start end as month_start,
        segment,
        movement,
        cast(count(*) as bigint) as customers{% for basis in bases %},
        cast(sum({{ basis }}_value) as decimal(18, 4)) as {{ basis }}_value{% endfor %}
    from movements
    group by all
),

with_all as (
    select month_start, segment, movement, customers, mrr_value, annualised_value, trailing_12m_value
    from monthly
    union all
    select
        month_start, 'all' as segment, movement, cast(sum(customers) as bigint) as customers{% for basis in bases %},
        cast(sum({{ basis }}_value) as decimal(18, 4)) as {{ basis }}_value{% endfor %}
    from monthly
    where movement not in {{ comes }} and movement not in {{ goes }}
    group by month_start, movement
    union all
    -- on `all` nobody is transferred, but two may become one
    select
        month_start, 'all' as segment, movement, cast(sum(customers) as bigint) as customers{% for basis in bases %},
        cast(0 as decimal(18, 4)) as {{ basis }}_value{% endfor %}
    from monthly
    where movement in ('merged', 'split')
    group by month_start, movement
    union all
    -- what goes comes in elsewhere, unless its customer is active on one side of the hand-over only
    select
        month_start, 'all' as segment, directions.movement, cast(0 as bigint) as customers{% for basis in bases %},
        cast(greatest(sum(
            case when (monthly.movement in {{ comes }}) = directions.comes then {{ basis }}_value else -{{ basis }}_value end
        ), 0) as decimal(18, 4)) as {{ basis }}_value{% endfor %}
    from monthly
    cross join (values ('transferred_in', true), ('transferred_out', false)) as directions (movement, comes)
    where monthly.movement in {{ comes }} or monthly.movement in {{ goes }}
    group by month_start, directions.movement
),

flows as (
    select
        periods.period_kind,
        periods.period_start,
        with_all.segment,
        with_all.movement,
        cast(sum(with_all.customers) as bigint) as customers{% for basis in bases %},
        cast(sum(with_all.{{ basis }}_value) as decimal(18, 4)) as {{ basis }}_value{% endfor %}
    from with_all
    inner join {{ ref('calendar') }} as periods
        on with_all.month_start >= periods.period_start
        and with_all.month_start < periods.next_period_start
    group by periods.period_kind, periods.period_start, with_all.segment, with_all.movement
    union all
    select
        kinds.period_kind, cast(null as date) as period_start, with_all.segment, with_all.movement, with_all.customers,
        with_all.mrr_value, with_all.annualised_value, with_all.trailing_12m_value
    from with_all
    cross join (select distinct period_kind from {{ ref('calendar') }}) as kinds
    where with_all.month_start is null
)

select * from flows
