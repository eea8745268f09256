-- grain: one row per change of what a fact makes a customer worth or active, on its day and step (2 transfer, 3 fx,
-- 4 commercial; 1 is a hand-over, which follows from these)
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

changes as (
    -- the rate on a span's first day starts it, a later rate revalues it
    select
        customer_id,
        mover,
        case when is_end then valid_to else rate_from end as day,
        case when is_end or is_start then 4 else 3 end as step,
        case when is_end then -mrr_value when is_start then mrr_value else mrr_revaluation end as mrr,
        case when is_end then -annualised_value when is_start then annualised_value else annualised_revaluation end
            as annualised,
        {{ zero }} as trailing_12m,
        case when not is_paying then 0 when is_end then -1 when is_start then 1 else 0 end as activity
    from spans
    union all
    select
        customer_id, mover, purchased_on as day, 4 as step, {{ zero }} as mrr, {{ zero }} as annualised,
        {{ zero }} as trailing_12m, 1 as activity
    from {{ ref('purchase_window') }}
    where active_to is not null and not is_test
    union all
    select
        customer_id, mover, active_to as day, 4 as step, {{ zero }} as mrr, {{ zero }} as annualised,
        {{ zero }} as trailing_12m, -1 as activity
    from {{ ref('purchase_window') }}
    where active_to is not null and not is_test
    union all
    select
        customer_id, mover, billed_on as day, 4 as step, {{ zero }} as mrr, {{ zero }} as annualised,
        value as trailing_12m, 0 as activity
    from {{ ref('trailing_amount') }}
    union all
    select
        customer_id, mover, {{ add_months('billed_on', '12') }} as day, 4 as step, {{ zero }} as mrr,
        {{ zero }} as annualised, -value as trailing_12m, 0 as activity
    from {{ ref('trailing_amount') }}
    union all
    select
        customer_id, cast(null as integer) as mover, valid_from as day, 2 as step, {{ zero }} as mrr,
        {{ zero }} as annualised, {{ zero }} as trailing_12m, 0 as activity
    from {{ ref('customer_segment') }}
    where valid_from is not null
),

of_the_day as (
    select
        coalesce(stays.customer_id, changes.customer_id) as customer_id,
        changes.mover,
        changes.day,
        changes.step,
        changes.mrr,
        changes.annualised,
        changes.trailing_12m,
        changes.activity
    from changes
    {{ join_stays('changes.mover', 'changes.day') }}
)

select * from of_the_day
