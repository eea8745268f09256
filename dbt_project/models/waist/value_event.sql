-- grain: one row per customer, day and step of that day (1 hand-over, 2 transfer, 3 fx, 4 commercial) on which its value
-- or activity may change, with the changes summed; up to the as-of day
with summed as (
    select
        customer_id,
        day,
        step,
        cast(sum(mrr) as decimal(18, 4)) as mrr,
        cast(sum(annualised) as decimal(18, 4)) as annualised,
        cast(sum(trailing_12m) as decimal(18, 4)) as trailing_12m,
        cast(sum(activity) as integer) as activity
    from {{ ref('value_change') }}
    group by customer_id, day, step
),

handed as (
    select
        earlier_customer_id as customer_id, moved_on as day, -mrr as mrr, -annualised as annualised,
        -trailing_12m as trailing_12m, -activity as activity, false as brings_past
    from {{ ref('hand_over') }}
    union all
    select
        customer_id, moved_on as day, mrr, annualised, trailing_12m, activity,
        first_active_on is not null as brings_past
    from {{ ref('hand_over') }}
),

events as (
    select customer_id, day, step, mrr, annualised, trailing_12m, activity, false as brings_past
    from summed
    union all
    select
        customer_id,
        day,
        1 as step,
        cast(sum(mrr) as decimal(18, 4)) as mrr,
        cast(sum(annualised) as decimal(18, 4)) as annualised,
        cast(sum(trailing_12m) as decimal(18, 4)) as trailing_12m,
        cast(sum(activity) as integer) as activity,
        bool_or(brings_past) as brings_past
    from handed
    group by customer_id, day
)

-- cut off after the sums: DuckDB takes a comparison before them for one that leaves next to nothing, and makes its hash
-- table too small to spill
select * from events
where day <= (select as_of_on from {{ ref('company') }})
