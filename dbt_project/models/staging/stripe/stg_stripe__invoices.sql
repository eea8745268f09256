-- grain: one row per invoice
-- What tells the tax depends on the version of the API: the total without it, the tax itself, or a list of taxes.
with

invoices as (select * from {{ accepted_records('stripe', 'invoices') }} as accepted),

-- lists are read only where nothing else tells; of every version, since what is read twice is kept in memory whole
listed as (
    select _batch_id, _record, {{ json_items('coalesce(total_taxes, total_tax_amounts)') }} as told
    from {{ record_history('stripe', 'invoices') }} as versions
    where total_excluding_tax is null and tax is null and coalesce(total_taxes, total_tax_amounts) is not null
),

listed_taxes as (
    select _batch_id, _record, cast(sum(try_cast({{ json_text('told', 'amount') }} as bigint)) as bigint) as tax
    from listed
    group by _batch_id, _record
),

without_tax as (
    select invoices.*, coalesce(total_excluding_tax, total - coalesce(invoices.tax, listed_taxes.tax)) as stated_net_amount
    from invoices
    left join listed_taxes
        on invoices._batch_id = listed_taxes._batch_id
        and invoices._record = listed_taxes._record
),

stated as (
    select
        id as invoice_id,
        customer_id,
        subscription_id,
        status,
        status in ('open', 'paid', 'uncollectible') as is_issued,
        status = 'void' as is_void,
        coalesce(not livemode, false) as is_test,
        -- the sum of the lines, before discounts and tax
        coalesce(subtotal_excluding_tax, subtotal, stated_net_amount, total) as minor_amount,
        -- and after both
        coalesce(stated_net_amount, total) as net_amount,
        total,
        -- what there is with tax and without: an invoice of nothing tells it of its lines alone
        case when total <> 0 then total else subtotal end as taxed_amount,
        case when total <> 0 then stated_net_amount else subtotal_excluding_tax end as untaxed_amount,
        upper(currency) as currency,
        coalesce(finalized_at, created) as billed_at,
        _batch_id as batch_id,
        _record as record
    from without_tax
)

select * from stated
