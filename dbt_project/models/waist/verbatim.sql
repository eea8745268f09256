-- grain: one row per piece of feedback: an answer to a survey, a ticket, a reason for leaving, a note of a call
{%- set columns = ['vendor', 'system', 'object', 'source_ref', 'batch_id', 'record', 'kind', 'party_object', 'party_ref', 'given_at',
                   'given_on', 'survey_ref', 'silo', 'category', 'language', 'text'] %}
with offered as (
    {{ union_of(
        ['stg_qualtrics__verbatims', 'stg_surveymonkey__verbatims', 'stg_delighted__verbatims', 'stg_zendesk__verbatims',
         'stg_salesforce__verbatims', 'stg_stripe__verbatims', 'stg_plain__verbatims'],
        columns
    ) | indent(4) }}
),

worded as (
    select distinct vendor, system, object, source_ref from offered
    where kind = 'cancellation'
),

-- most sources have a code for why a customer leaves, and no words
coded as (
    select
        departures.vendor, departures.system, departures.object, departures.source_ref, min(departures.batch_id) as batch_id,
        min(departures.record) as record, 'cancellation' as kind, departures.party_object, departures.party_ref,
        cast(departures.departed_on as timestamp) as given_at, departures.departed_on as given_on,
        cast(null as string) as survey_ref, min(departures.silo) as silo, min(departures.reason_code) as category,
        cast(null as string) as language, cast(null as string) as text
    from {{ ref('departure') }} as departures
    anti join worded using (vendor, system, object, source_ref)
    where departures.reason_code is not null
    group by
        departures.vendor, departures.system, departures.object, departures.source_ref, departures.party_object,
        departures.party_ref, departures.departed_on
)

select {{ columns | join(', ') }} from offered
union all
select {{ columns | join(', ') }} from coded
