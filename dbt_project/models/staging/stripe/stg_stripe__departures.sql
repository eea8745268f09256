-- grain: one row per subscription that ended with a reason
with

subscriptions as (select * from {{ ref('stg_stripe__subscriptions') }} where not is_test),

dashboard_subscriptions as (
    select * from {{ accepted_records('stripe', 'dashboard_subscriptions') }} as accepted
    where id not in (select subscription_id from {{ ref('stg_stripe__subscriptions') }})
),

parties as (select object, source_ref from {{ ref('stg_stripe__parties') }}),

stated as (
    select
        'subscriptions' as object, subscription_id as source_ref, batch_id, record, customer_id, subscription_id,
        cast(null as string) as invoice_id, ended_at, cancel_reason
    from subscriptions
    union all
    select 'dashboard_subscriptions', id, _batch_id, _record, customer_id, id, null, ended_at, cancellation_reason
    from dashboard_subscriptions
),

offered as (
    select
        'stripe' as vendor,
        'stripe' as system,
        stated.object, stated.source_ref, stated.batch_id, stated.record,
        {{ stripe_party('stated') }},
        stated.source_ref as agreement_ref,
        {{ company_day('stated.ended_at') }} as departed_on,
        'stripe' as silo,
        stated.cancel_reason as reason_code
    from stated
    left join parties on parties.source_ref = stated.customer_id
    where stated.ended_at is not null and stated.cancel_reason is not null
)

select * from offered
