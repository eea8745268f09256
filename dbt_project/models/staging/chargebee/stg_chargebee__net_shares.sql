-- grain: one row per subscription whose prices hold the tax, as its newest invoice has it
-- No subscription says whether tax is in its price; its invoices do. A small one, as of a part of a term, is too rough to
-- tell a share.
with inclusive_once as (
    select distinct subscription_id from {{ source('chargebee', 'invoices') }} as named
    where price_type = 'tax_inclusive' and tax > 0
),

invoices as (
    select
        _system as system, subscription_id, price_type, tax, total, coalesce(invoiced_at, generated_at) as billed_at, id,
        max(total) over (partition by _system, subscription_id) as greatest_total
    from {{ newest_of(
        source('chargebee', 'invoices'), 'chargebee', 'invoices', ['id'], 'updated_at',
        only='subscription_id in (select subscription_id from inclusive_once)'
    ) }}
    where not coalesce(deleted, false)
        and status in ('paid', 'posted', 'payment_due', 'not_paid')
        and total > 0
),

newest as (
    select * from invoices
    where 2 * total >= greatest_total
    qualify row_number() over (partition by system, subscription_id order by billed_at desc nulls last, id desc) = 1
)

select system, subscription_id, cast({{ divide('total - tax', 'total') }} as decimal(13, 12)) as net_share
from newest
where price_type = 'tax_inclusive' and tax > 0 and tax < total
