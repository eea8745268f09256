-- grain: one row per purchase, and per invoice that bills usage which has no price of its own, at the rate of its day
with company as (
    select * from {{ ref('company') }}
),

sold as (
    select vendor, system, party_object, party_ref, purchased_on as earned_on, amount, currency
    from {{ ref('purchase') }}
    union all
    select vendor, system, party_object, party_ref, billed_on as earned_on, metered_amount as amount, currency
    from {{ ref('billed_amount') }}
    cross join {{ ref('counting_policy') }} as policy
    where metered_amount <> 0 and policy.metered = 'billed_only'
),

valued as (
    select
        sold.vendor, sold.system, parties.customer_id, parties.mover, sold.earned_on,
        {{ rounded_share('sold.amount', 'rates.rate', '1', '1', 'company.reporting_currency') }} as value
    from sold
    cross join company
    inner join {{ ref('party') }} as parties
        on sold.vendor = parties.vendor
        and sold.system = parties.system
        and sold.party_object = parties.object
        and sold.party_ref = parties.source_ref
    inner join {{ ref('rate_on_day') }} as rates
        on coalesce(sold.currency, company.reporting_currency) = rates.currency
        and sold.earned_on = rates.day
    where not parties.is_test
)

select * from valued
