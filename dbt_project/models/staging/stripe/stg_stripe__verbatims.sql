-- grain: one row per subscription that ended for a reason in words
with departures as (
    select * from {{ ref('stg_stripe__departures') }}
    where object = 'subscriptions'
),

words as (
    select id, {{ stripe_json_text('cancellation_details', 'comment') }} as text
    from {{ accepted_records('stripe', 'subscriptions') }}
),

offered as (
    select
        departures.vendor, departures.system, departures.object, departures.source_ref, departures.batch_id, departures.record,
        'cancellation' as kind, departures.party_object, departures.party_ref,
        cast(departures.departed_on as timestamp) as given_at, departures.departed_on as given_on,
        cast(null as string) as survey_ref, departures.silo, departures.reason_code as category,
        cast(null as string) as language, words.text
    from departures
    inner join words on departures.source_ref = words.id
    where words.text is not null
)

select * from offered
