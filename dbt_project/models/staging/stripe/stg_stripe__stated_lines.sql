-- grain: one row per invoice line that bills, or once billed, a stretch of a subscription's service, as exported
-- `net_share` is what is left of the amount without the tax in it: as the line says, else as its invoice does.
with

lines as (select * from {{ accepted_records('stripe', 'invoice_line_items') }} as accepted),

inclusive as (
    select id as price_id from {{ accepted_records('stripe', 'prices') }} as accepted
    where tax_behavior = 'inclusive'
),

-- The few invoices that bill nothing, and those of which the tax is asked: matching these costs far less than matching
-- every invoice.
invoices as (
    select
        invoice_id, total, is_issued and not is_test as is_billed, is_void and not is_test as is_void,
        {{ divide('untaxed_amount', 'taxed_amount') }} as net_share
    from {{ ref('stg_stripe__invoices') }}
    where not is_issued or is_test or (untaxed_amount is not null and (select count(*) from inclusive) > 0)
),

service as (
    select
        lines.id as line_id,
        lines.subscription_id,
        lines.subscription_item_id as item_id,
        coalesce(lines.price_id, lines.subscription_item_id, lines.subscription_id) as price_id,
        lines.invoice_id,
        lines.proration as is_proration,
        coalesce(invoices.is_void, false) as is_void,
        lines.amount as minor_amount,
        lines.amount_excluding_tax,
        {{ full_product(
            'try_cast(lines.unit_amount_excluding_tax as decimal(16, 4))', 'coalesce(lines.quantity, 1)', 4
        ) }} as units_excluding_tax,
        case when inclusive.price_id is not null then invoices.net_share end as invoice_net_share,
        invoices.total as invoice_total,
        upper(lines.currency) as currency,
        coalesce(lines.quantity, 1) as quantity,
        lines.period_start as starts_at,
        lines.period_end as ends_at,
        lines._batch_id as batch_id,
        lines._record as record
    from lines
    left join invoices on invoices.invoice_id = lines.invoice_id
    left join inclusive on inclusive.price_id = lines.price_id
    where
        (lines.type = 'subscription' or lines.proration)
        and lines.subscription_id is not null
        and lines.period_start < lines.period_end
        and coalesce(invoices.is_billed or invoices.is_void, true)
),

-- Units may be rounded, each by less than one. The total of an invoice that is a sliver of the line, as where credits
-- balance it, is too rough to tell a share.
untaxed as (
    select
        *,
        coalesce(
            amount_excluding_tax,
            case when abs(minor_amount - units_excluding_tax) >= quantity then units_excluding_tax end
        ) as net_amount,
        case
            when invoice_net_share > 0 and invoice_net_share <= 1
                and (invoice_total = 0 or 20 * abs(invoice_total) >= abs(minor_amount)) then invoice_net_share
        end as rough_share
    from service
),

stated as (
    select
        line_id, subscription_id, item_id, price_id, invoice_id, is_proration, is_void, minor_amount, currency, quantity,
        starts_at, ends_at, batch_id, record,
        cast(case
            when net_amount <> 0 and (net_amount < 0) = (minor_amount < 0) and abs(net_amount) < abs(minor_amount)
                then {{ divide('net_amount', 'minor_amount') }}
            else rough_share
        end as decimal(13, 12)) as net_share
    from untaxed
)

select * from stated
