-- grain: one row per purchase and the days for which it keeps its buyer active, [purchased_on, active_to)
-- The customer is that of the day of purchase; whose the days after are is told by the purchase's `mover`.
with bought as (
    select
        coalesce(stays.customer_id, parties.customer_id) as customer_id,
        parties.mover,
        parties.is_test,
        purchases.purchased_on, purchases.amount, purchases.currency,
        purchases.vendor, purchases.system, purchases.object, purchases.source_ref, purchases.batch_id, purchases.record
    from {{ ref('purchase') }} as purchases
    inner join {{ ref('party') }} as parties
        on purchases.vendor = parties.vendor
        and purchases.system = parties.system
        and purchases.party_object = parties.object
        and purchases.party_ref = parties.source_ref
    {{ join_stays('parties.mover', 'purchases.purchased_on') }}
),

ruled as (
    select bought.*, coalesce(rules.lapse_days, 365) as lapse_days
    from bought
    {{ join_segment('bought.customer_id', 'bought.purchased_on') }}
    left join {{ source('reference', 'segment_rule') }} as rules
        on coalesce(held.segment, 'unsegmented') = rules.segment
)

select
    customer_id,
    mover,
    is_test,
    purchased_on,
    case when amount > 0 then {{ add_days('purchased_on', 'lapse_days') }} end as active_to,
    amount,
    currency,
    vendor,
    system,
    object,
    source_ref,
    batch_id,
    record
from ruled
