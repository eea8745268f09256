-- grain: one row per purchase and the days for which it keeps its buyer active, [active_from, active_to)
with buyers as (
    select parties.customer_id, purchases.purchased_on
    from {{ ref('purchase') }} as purchases
    inner join {{ ref('party') }} as parties
        on purchases.vendor = parties.vendor
        and purchases.system = parties.system
        and purchases.party_object = parties.object
        and purchases.party_ref = parties.source_ref
    where purchases.amount > 0
        and not parties.is_test
),

ruled as (
    select
        buyers.customer_id,
        buyers.purchased_on as active_from,
        coalesce(rules.lapse_days, 365) as lapse_days
    from buyers
    left join {{ ref('customer_segment') }} as held
        on buyers.customer_id = held.customer_id
        and (held.valid_from is null or held.valid_from <= buyers.purchased_on)
        and (held.valid_to is null or buyers.purchased_on < held.valid_to)
    left join {{ source('reference', 'segment_rule') }} as rules
        on coalesce(held.segment, 'unsegmented') = rules.segment
)

select
    customer_id,
    active_from,
    {{ add_days('active_from', 'lapse_days') }} as active_to
from ruled
