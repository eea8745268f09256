-- grain: one row per customer of whom a record says who recommended us, with the record of whoever did
-- Of several the earliest record tells. Nobody recommends us to themselves.
with told as (
    select
        named.customer_id,
        referrers.customer_id as referrer_customer_id,
        referrers.mover as referrer_mover,
        row_number() over (
            partition by named.customer_id
            order by records.created_on nulls last, records.vendor, records.system, records.object, records.source_ref
        ) as nth
    from {{ ref('party_record') }} as records
    inner join {{ ref('customer_record') }} as named
        on records.vendor = named.vendor
        and records.system = named.system
        and records.object = named.object
        and records.source_ref = named.source_ref
    left join {{ ref('party') }} as referrers
        on records.vendor = referrers.vendor
        and records.system = referrers.system
        and records.object = referrers.object
        and records.referred_by_ref = referrers.source_ref
    where records.referred_by_ref is not null
        and referrers.customer_id is distinct from named.customer_id
)

select customer_id, referrer_customer_id, referrer_mover
from told
where nth = 1
