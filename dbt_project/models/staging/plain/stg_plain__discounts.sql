-- grain: one row per discount on an agreement of an in-house billing system
with discounts as (
    select * from {{ accepted_records('plain', 'discounts') }}
)

select
    'plain' as vendor, _system as system, 'discounts' as object, discount_ref as source_ref, _batch_id as batch_id,
    _record as record, subscription_ref as agreement_ref, cast(null as string) as line_ref, starts_on, ends_on,
    cast(percent as decimal(18, 6)) as percent, amount, cast(null as string) as currency,
    coalesce(is_once, false) as is_one_off
from discounts
