-- grain: one row per subscription that an invoice shows to be priced with the tax in it, as its newest such invoice tells
-- An invoice of just what the term costs, some of it tax: the price holds it, whatever the country writes on its invoices.
with invoices as (
    select * from {{ newest_of(
        source('chargebee', 'invoices'), 'chargebee', 'invoices', ['id'], 'updated_at'
    ) }}
    where not coalesce(deleted, false)
        and status in ('paid', 'posted', 'payment_due', 'not_paid')
        and tax > 0
        and tax < total
),

versions as (
    select
        _system, id, currency_code, {{ chargebee_term_amount() }} as term_amount,
        coalesce(discounts, '[]') <> '[]' or coalesce(coupons, '[]') <> '[]' as is_discounted
    from {{ record_history('chargebee', 'subscriptions') }}
    where billing_period_unit is not null
),

-- a discount of a fifth and a tax of a quarter make an invoice of the whole price as well
told as (
    select
        invoices._system as system, invoices.subscription_id,
        cast({{ divide('invoices.total - invoices.tax', 'invoices.total') }} as decimal(13, 12)) as net_share
    from invoices
    inner join versions
        on invoices._system = versions._system
        and invoices.subscription_id = versions.id
        and invoices.currency_code = versions.currency_code
        and invoices.total = versions.term_amount
    where invoices.price_type = 'tax_inclusive' or not versions.is_discounted
    qualify row_number() over (
        partition by invoices._system, invoices.subscription_id
        order by coalesce(invoices.invoiced_at, invoices.generated_at) desc, invoices.id
    ) = 1
)

select * from told
