-- grain: one row per deal that was won, as a provisional yearly agreement
with won as (
    select * from {{ ref('stg_hubspot__checked_deals') }}
    where is_won
        and amount is not null
        and refused_field is null
),

termed as (
    select
        *,
        -- an end that is not after the start is no end: the usual twelve months hold
        case
            when contract_ends_on > closes_on then contract_ends_on
            else {{ add_months('closes_on', 12) }}
        end as ends_on,
        case when contract_ends_on > closes_on then null else closes_at + interval 12 month end as ends_at
    from won
),

offered as (
    select
        'hubspot' as vendor, system, 'deals' as object, deal_id as source_ref, batch_id, record,
        party_object, party_ref, deal_id as line_ref, deal_id as agreement_ref,
        closes_on as starts_on, ends_on, closes_at as starts_at, ends_at,
        amount, currency, 'year' as interval, 1 as interval_count, false as is_trial,
        false as is_paused, false as is_metered, cast(null as date) as unpaid_since,
        cast(null as timestamp) as unpaid_at, true as is_provisional,
        cast(null as date) as cancel_requested_on, cast(null as timestamp) as cancel_requested_at, cast(null as string) as cancel_reason,
        coalesce(is_renewal, false) as is_renewal
    from termed
)

select * from offered
