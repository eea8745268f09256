-- grain: one row per subscription item that was ever invoiced at an agreed price: where its invoices begin and how far they reach
with

-- Usage is billed after its period: what it tells of time is not what prices agreed beforehand tell.
lines as (
    select *, is_proration and minor_amount < 0 as is_removal
    from {{ ref('stg_stripe__service_lines') }}
    where price_id not in (select price_id from {{ ref('stg_stripe__price_terms') }} where is_metered)
),

reach as (
    select
        subscription_id,
        item_id,
        min(starts_at) as first_at,
        max(starts_at) filter (where not is_void and not is_proration) as renewed_at,
        max(starts_at) filter (where not is_void and not is_removal) as set_at,
        max_by(ends_at, starts_at) filter (where not is_void and not is_removal) as billed_until,
        max_by(currency, starts_at) filter (where not is_void and not is_removal) as currency,
        max(starts_at) filter (where not is_void and is_removal) as removed_at,
        max(starts_at) filter (where is_void and not is_proration) as voided_from,
        max(ends_at) filter (where is_void and not is_proration) as voided_until
    from lines
    group by subscription_id, item_id
),

coverage as (
    select
        subscription_id,
        item_id,
        first_at,
        renewed_at,
        currency,
        -- periods whose invoices were voided are known not to be billed: what is open begins after them
        case
            when billed_until is null or voided_from >= billed_until then voided_until
            else billed_until
        end as covered_until,
        coalesce(removed_at > set_at, set_at is null and removed_at is not null) as is_removed
    from reach
)

select * from coverage
