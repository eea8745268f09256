-- grain: one row per piece of feedback: an answer to a survey, a ticket, a reason for leaving, a note of a call
{%- set columns = ['vendor', 'system', 'object', 'source_ref', 'batch_id', 'record', 'kind', 'party_object', 'party_ref', 'given_at',
                   'given_on', 'survey_ref', 'silo', 'category', 'language', 'text'] %}
with offered as (
    {{ union_of(
        ['stg_qualtrics__verbatims', 'stg_surveymonkey__verbatims', 'stg_delighted__verbatims', 'stg_zendesk__verbatims',
         'stg_salesforce__verbatims', 'stg_plain__verbatims'],
        columns
    ) | indent(4) }}
),

-- most sources have a code for why a customer leaves, and no words
worded as (
    {{ union_of(['stg_stripe__verbatims'], ['vendor', 'system', 'object', 'source_ref', 'text']) | indent(4) }}
),

reasons as (
    select
        departures.vendor, departures.system, departures.object, departures.source_ref, min(departures.batch_id) as batch_id,
        min(departures.record) as record, 'cancellation' as kind, departures.party_object, departures.party_ref,
        cast(departures.departed_on as timestamp) as given_at, departures.departed_on as given_on,
        cast(null as string) as survey_ref, min(departures.silo) as silo, min(departures.reason_code) as category,
        cast(null as string) as language, min(worded.text) as text
    from {{ ref('departure') }} as departures
    left join worded
        on departures.vendor = worded.vendor
        and departures.system = worded.system
        and departures.object = worded.object
        and departures.source_ref = worded.source_ref
    where departures.reason_code is not null
    group by
        departures.vendor, departures.system, departures.object, departures.source_ref, departures.party_object,
        departures.party_ref, departures.departed_on
)

select {{ columns | join(', ') }} from offered
union all
select {{ columns | join(', ') }} from reasons
