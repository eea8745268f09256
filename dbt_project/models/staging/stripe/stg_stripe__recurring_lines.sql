-- grain: one row per subscription item and stretch of days at one amount
with

item_spans as (select * from {{ ref('stg_stripe__item_spans') }}),

dashboard_spans as (select * from {{ ref('stg_stripe__dashboard_spans') }}),

pauses as (select * from {{ ref('stg_stripe__pauses') }}),

trials as (select * from {{ ref('stg_stripe__trials') }}),

usage_spans as (select * from {{ ref('stg_stripe__usage_spans') }}),

unpaid as (select * from {{ ref('stg_stripe__unpaid') }}),

parties as (select object, source_ref from {{ ref('stg_stripe__parties') }}),

days as (
    select
        object, source_ref, batch_id, record, customer_id, subscription_id, cast(null as string) as invoice_id, line_ref,
        starts_at, ends_at,
        {{ company_day('starts_at') }} as starts_on,
        {{ company_day('ends_at') }} as ends_on,
        amount, currency, interval, interval_count,
        kind = 'trial' or (amount = 0 and coalesce(starts_at < trial_ends_at, false)) as is_trial,
        kind = 'paused' as is_paused,
        kind = 'used' as is_metered,
        is_provisional,
        canceled_at,
        {{ company_day('canceled_at') }} as canceled_on,
        cancel_reason
    from (
        select *, 'agreed' as kind from item_spans
        union all
        select *, 'agreed' as kind from dashboard_spans
        union all
        select *, 'paused' as kind from pauses
        union all
        select *, 'trial' as kind from trials
        union all
        select *, 'used' as kind from usage_spans
    ) as spans
),

-- Contiguous days at one price are one row, which keeps the source of its first day.
marked as (
    select
        *,
        {{ stripe_is_continued(
            'starts_on', 'ends_on',
            ['amount', 'currency', 'interval', 'interval_count', 'is_trial', 'is_provisional'], 'line'
        ) }} as is_continued,
        lag(ends_on) over line as ended_on,
        lag(ends_at) over line as ended_at,
        first_value(ends_on) over (partition by line_ref order by starts_on desc) as line_ends_on,
        first_value(ends_at) over (partition by line_ref order by starts_on desc) as line_ends_at
    from days
    where ends_on is null or starts_on < ends_on
    window line as (partition by line_ref order by starts_on)
),

stretches as (
    select
        *,
        lead(starts_on) over line is null as is_last,
        lead(ended_on) over line as next_ended_on,
        lead(ended_at) over line as next_ended_at
    from marked
    where not is_continued
    window line as (partition by line_ref order by starts_on)
),

-- Who asked to leave asked it of the last stretch; an earlier one ended for another reason.
offered as (
    select
        'stripe' as vendor,
        'stripe' as system,
        stretches.object, stretches.source_ref, stretches.batch_id, stretches.record,
        {{ stripe_party('stretches') }},
        stretches.line_ref,
        stretches.subscription_id as agreement_ref,
        stretches.starts_on,
        case when is_last then stretches.line_ends_on else stretches.next_ended_on end as ends_on,
        -- what begins on the day on which the one before ended follows it in every time zone
        case when stretches.starts_on = stretches.ended_on then stretches.ended_at else stretches.starts_at end as starts_at,
        case when is_last then stretches.line_ends_at else stretches.next_ended_at end as ends_at,
        stretches.amount, stretches.currency, stretches.interval, stretches.interval_count,
        stretches.is_trial, stretches.is_paused, stretches.is_metered, stretches.is_provisional,
        {{ company_day('unpaid.unpaid_at') }} as unpaid_since, unpaid.unpaid_at,
        case when is_last then stretches.canceled_on end as cancel_requested_on,
        case when is_last then stretches.canceled_at end as cancel_requested_at,
        case when is_last then stretches.cancel_reason end as cancel_reason
    from stretches
    left join parties on parties.source_ref = stretches.customer_id
    left join unpaid on unpaid.subscription_id = stretches.subscription_id
)

select * from offered
