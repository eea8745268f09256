-- grain: one row per opportunity that was won, as a provisional yearly agreement
with won as (
    select * from {{ ref('stg_salesforce__opportunities') }}
    where is_closed
        and is_won
        and amount is not null
),

termed as (
    select
        *,
        -- an end that is not after the start is no end: the usual twelve months hold
        case
            when contract_ends_on > closes_on then contract_ends_on
            else {{ add_months('closes_on', 12) }}
        end as ends_on
    from won
),

offered as (
    select
        'salesforce' as vendor, system, 'opportunities' as object, opportunity_id as source_ref, batch_id, record,
        case when account_id is null then 'opportunities' else 'accounts' end as party_object,
        coalesce(account_id, opportunity_id) as party_ref,
        opportunity_id as line_ref, opportunity_id as agreement_ref,
        closes_on as starts_on, ends_on, cast(null as timestamp) as starts_at, cast(null as timestamp) as ends_at,
        amount, currency, 'year' as interval, 1 as interval_count,
        false as is_trial, false as is_paused, false as is_metered, cast(null as date) as unpaid_since,
        cast(null as timestamp) as unpaid_at, true as is_provisional,
        cast(null as date) as cancel_requested_on, cast(null as timestamp) as cancel_requested_at, cast(null as string) as cancel_reason,
        is_renewal
    from termed
)

select * from offered
