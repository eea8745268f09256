-- grain: one row per source and customer it sells to that was ever active, with what that is worth in a year
-- Its contracts count as they stand on the as-of day, its purchases as those of the twelve months up to it.
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
        purchases.vendor, purchases.system, parties.customer_id,
        case when purchases.purchased_on > {{ add_months('company.as_of_on', '-12') }} then
            {{ rounded_share('purchases.amount', 'rates.rate', '1', '1', 'company.reporting_currency') }}
        else 0 end as value
    from {{ ref('purchase') }} as purchases
    cross join company
    inner join {{ ref('party') }} as parties
        on purchases.vendor = parties.vendor
        and purchases.system = parties.system
        and purchases.party_object = parties.object
        and purchases.party_ref = parties.source_ref
    inner join {{ ref('rate_on_day') }} as rates
        on coalesce(purchases.currency, company.reporting_currency) = rates.currency
        and purchases.purchased_on = rates.day
    where not parties.is_test
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
