-- grain: one row per subscription that ended with a reason, or is served no more because nobody pays for it
with

subscriptions as (select * from {{ ref('stg_stripe__subscriptions') }} where not is_test),

dashboard_subscriptions as (
    select * from {{ accepted_records('stripe', 'dashboard_subscriptions') }} as accepted
    where id not in (select subscription_id from {{ ref('stg_stripe__subscriptions') }})
),

parties as (select object, source_ref from {{ ref('stg_stripe__parties') }}),

-- One that is left unpaid is never said to have ended: its customer is gone when what was billed last is over.
unpaid as (
    select
        subscriptions.batch_id, subscriptions.record, subscriptions.customer_id, subscriptions.subscription_id,
        max(lines.ends_on) as ends_on
    from subscriptions
    inner join {{ ref('stg_stripe__recurring_lines') }} as lines
        on subscriptions.subscription_id = lines.agreement_ref
    where subscriptions.status = 'unpaid' and subscriptions.ended_at is null
    group by all
    having count(lines.ends_on) = count(*)
),

stated as (
    select
        'subscriptions' as object, subscription_id as source_ref, batch_id, record, customer_id, subscription_id,
        cast(null as string) as invoice_id, {{ company_day('ended_at') }} as departed_on, cancel_reason
    from subscriptions
    union all
    select
        'dashboard_subscriptions', id, _batch_id, _record, customer_id, id, null, {{ company_day('ended_at') }}, cancellation_reason
    from dashboard_subscriptions
    union all
    select 'subscriptions', subscription_id, batch_id, record, customer_id, subscription_id, null, ends_on, 'payment_failed'
    from unpaid
),

offered as (
    select
        'stripe' as vendor,
        'stripe' as system,
        stated.object, stated.source_ref, stated.batch_id, stated.record,
        {{ stripe_party('stated') }},
        stated.source_ref as agreement_ref,
        stated.departed_on,
        'stripe' as silo,
        stated.cancel_reason as reason_code
    from stated
    left join parties on parties.source_ref = stated.customer_id
    where stated.departed_on is not null and stated.cancel_reason is not null
)

select * from offered
