-- grain: one row per customer, day and step of that day (1 transfer, 2 fx, 3 commercial) on which its value or activity
-- may change, with the changes summed; up to the as-of day
{%- set zero = 'cast(0 as decimal(18, 4))' %}
with values_at_rates as (
    select * from {{ ref('span_value') }}
),

events as (
    -- a rate that comes while a span runs revalues it; at the first rate it begins
    select
        customer_id, rate_from as day, case when rate_from = valid_from then 3 else 2 end as step,
        case when rate_from = valid_from then mrr_value else mrr_revaluation end as mrr,
        case when rate_from = valid_from then annualised_value else annualised_revaluation end as annualised,
        {{ zero }} as trailing_12m,
        case when is_paying and rate_from = valid_from then 1 else 0 end as activity
    from values_at_rates
    union all
    select
        customer_id, valid_to as day, 3 as step, -mrr_value as mrr, -annualised_value as annualised,
        {{ zero }} as trailing_12m,
        case when is_paying then -1 else 0 end as activity
    from values_at_rates
    where rate_from <= valid_to and (rate_to is null or valid_to < rate_to)
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
)

select
    customer_id,
    day,
    step,
    cast(sum(mrr) as decimal(18, 4)) as mrr,
    cast(sum(annualised) as decimal(18, 4)) as annualised,
    cast(sum(trailing_12m) as decimal(18, 4)) as trailing_12m,
    cast(sum(activity) as integer) as activity
from events
where day <= (select as_of_on from {{ ref('company') }})
group by customer_id, day, step
