-- grain: one row per customer, day and step of that day (1 transfer, 2 fx, 3 commercial) on which its value or activity
-- may change, with the changes summed; up to the as-of day
{%- set zero = 'cast(0 as decimal(18, 4))' %}
-- Spans at rates are gone over once, for their beginnings and their ends together: what is read twice is kept in memory.
with ends as (
    select * from (values (false), (true)) as e (is_end)
),

spans as (
    select spans_at_rates.*, ends.is_end, rate_from = valid_from as is_start
    from {{ ref('span_value') }} as spans_at_rates
    cross join ends
    where not ends.is_end
        or (rate_from <= valid_to and (rate_to is null or valid_to < rate_to))
),

events as (
    -- the rate on a span's first day starts it, a later rate revalues it
    select
        customer_id,
        case when is_end then valid_to else rate_from end as day,
        case when is_end or is_start then 3 else 2 end as step,
        case when is_end then -mrr_value when is_start then mrr_value else mrr_revaluation end as mrr,
        case when is_end then -annualised_value when is_start then annualised_value else annualised_revaluation end
            as annualised,
        {{ zero }} as trailing_12m,
        case when not is_paying then 0 when is_end then -1 when is_start then 1 else 0 end as activity
    from spans
    union all
    select
        customer_id, purchased_on as day, 3 as step, {{ zero }} as mrr, {{ zero }} as annualised,
        {{ zero }} as trailing_12m, 1 as activity
    from {{ ref('purchase_window') }}
    where active_to is not null
    union all
    select
        customer_id, active_to as day, 3 as step, {{ zero }} as mrr, {{ zero }} as annualised,
        {{ zero }} as trailing_12m, -1 as activity
    from {{ ref('purchase_window') }}
    where active_to is not null
    union all
    select
        customer_id, billed_on as day, 3 as step, {{ zero }} as mrr, {{ zero }} as annualised,
        value as trailing_12m, 0 as activity
    from {{ ref('trailing_amount') }}
    union all
    select
        customer_id, {{ add_months('billed_on', '12') }} as day, 3 as step, {{ zero }} as mrr, {{ zero }} as annualised,
        -value as trailing_12m, 0 as activity
    from {{ ref('trailing_amount') }}
    union all
    select
        customer_id, valid_from as day, 1 as step, {{ zero }} as mrr, {{ zero }} as annualised,
        {{ zero }} as trailing_12m, 0 as activity
    from {{ ref('customer_segment') }}
    where valid_from is not null
),

summed as (
    select
        customer_id,
        day,
        step,
        cast(sum(mrr) as decimal(18, 4)) as mrr,
        cast(sum(annualised) as decimal(18, 4)) as annualised,
        cast(sum(trailing_12m) as decimal(18, 4)) as trailing_12m,
        cast(sum(activity) as integer) as activity
    from events
    group by customer_id, day, step
)

-- cut off after the sums: DuckDB takes a comparison before them for one that leaves next to nothing, and makes its hash
-- table too small to spill
select * from summed
where day <= (select as_of_on from {{ ref('company') }})
