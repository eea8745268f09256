-- grain: one row per invoice that was issued and not voided
with invoices as (
    select * from {{ newest_of(
        source('chargebee', 'invoices'), 'chargebee', 'invoices', ['id'], 'updated_at'
    ) }}
    where not coalesce(deleted, false)
        and status in ('paid', 'posted', 'payment_due', 'not_paid')
),

subscriptions as (
    select system, subscription_id, customer_id from {{ ref('stg_chargebee__subscriptions') }}
),

offered as (
    select
        'chargebee' as vendor, invoices._system as system, 'invoices' as object, invoices.id as source_ref,
        invoices._batch_id as batch_id, invoices._record as record,
        -- whom it bills where it does not say: the customer of its subscription
        case
            when coalesce(invoices.customer_id, subscriptions.customer_id) is not null then 'customers'
            when invoices.subscription_id is not null then 'subscriptions'
            else 'invoices'
        end as party_object,
        coalesce(
            invoices.customer_id, subscriptions.customer_id, invoices.subscription_id, invoices.id
        ) as party_ref,
        {{ company_day('coalesce(invoices.invoiced_at, invoices.generated_at)') }} as billed_on,
        coalesce(invoices.invoiced_at, invoices.generated_at) as billed_at,
        {{ minor_to_major(
            "coalesce(invoices.sub_total, invoices.total) - case when invoices.sub_total is null or invoices.price_type = "
            ~ "'tax_inclusive' then coalesce(invoices.tax, 0) else 0 end", 'invoices.currency_code'
        ) }} as amount,
        {{ minor_to_major('invoices.total - coalesce(invoices.tax, 0)', 'invoices.currency_code') }} as net_amount,
        cast(0 as decimal(18, 4)) as metered_amount,
        invoices.currency_code as currency
    from invoices
    left join subscriptions
        on invoices._system = subscriptions.system
        and invoices.subscription_id = subscriptions.subscription_id
)

select * from offered
