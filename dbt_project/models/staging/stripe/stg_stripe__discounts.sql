-- grain: one row per discount of a subscription, offered to the waist
with

discounts as (select * from {{ ref('stg_stripe__stated_discounts') }}),

subscriptions as (select * from {{ ref('stg_stripe__subscriptions') }} where not is_test),

offered as (
    select
        'stripe' as vendor,
        'stripe' as system,
        discounts.object, discounts.source_ref, discounts.batch_id, discounts.record,
        discounts.subscription_id as agreement_ref,
        discounts.item_id as line_ref,
        {{ company_day('discounts.starts_at') }} as starts_on,
        {{ company_day('discounts.ends_at') }} as ends_on,
        discounts.percent,
        {{ minor_to_major('discounts.minor_amount', 'discounts.currency') }} as amount,
        case when discounts.minor_amount is not null then discounts.currency end as currency,
        discounts.duration = 'once' as is_one_off
    from discounts
    inner join subscriptions on subscriptions.subscription_id = discounts.subscription_id
    where discounts.percent is not null or discounts.minor_amount is not null
)

select * from offered
