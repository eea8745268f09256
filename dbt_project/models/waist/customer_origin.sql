-- grain: one row per customer, how it came to us
-- Whoever names a referrer was recommended, whatever channel it came through.
with origins as (
    select
        customers.customer_id,
        case when referrals.customer_id is not null then 'earned' else sources.kind end as kind,
        referrals.customer_id is not null or coalesce(sources.is_referral, false) as is_referred,
        referrals.customer_id is not null or sources.source is not null as is_known
    from {{ ref('customer_description') }} as customers
    left join {{ source('reference', 'acquisition_source') }} as sources
        on {{ lower_case('customers.acquisition_source') }} = {{ lower_case('sources.source') }}
    left join {{ ref('referral') }} as referrals on customers.customer_id = referrals.customer_id
)

select * from origins
