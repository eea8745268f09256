-- grain: one row per source and customer it sells to that was ever active, with what that is worth in a year
-- Its contracts count as they stand on the as-of day, its purchases and usage as those of the twelve months up to it.
with company as (
    select * from {{ ref('company') }}
),

active as (
    select customer_id from {{ ref('ledger') }}
    where is_active
    union
    select customer_id from {{ ref('hand_over') }}
    where first_active_on is not null
),

contracts as (
    select
        vendor, system, customer_id,
        case when valid_to is null or company.as_of_on < valid_to then annualised_value else 0 end as value
    from {{ ref('valued_span') }}
    cross join company
    where valid_from <= company.as_of_on
),

bought as (
    select
        vendor, system, customer_id,
        case when earned_on > {{ add_months('company.as_of_on', '-12') }} then value else 0 end as value
    from {{ ref('earned_at_once') }}
    cross join company
),

sold as (
    select * from contracts
    union all
    select * from bought
),

summed as (
    select sold.vendor, sold.system, sold.customer_id, cast(sum(sold.value) as decimal(18, 4)) as value
    from sold
    inner join active using (customer_id)
    group by sold.vendor, sold.system, sold.customer_id
)

select * from summed
