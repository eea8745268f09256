-- grain: one row per scored answer and per ticket
with answers as (
    select * from {{ ref('stg_plain__responses') }}
),

words as (
    select _system as system, response_ref, language, verbatim from {{ accepted_records('plain', 'survey_responses') }}
),

tickets as (
    select
        *,
        {{ plain_party('tickets', 'ticket_ref') }}
    from {{ accepted_records('plain', 'tickets') }}
),

offered as (
    select
        answers.vendor, answers.system, answers.object, answers.source_ref, answers.batch_id, answers.record,
        'survey_answer' as kind, answers.party_object, answers.party_ref, answers.responded_at as given_at,
        {{ company_day('answers.responded_at') }} as given_on, answers.survey_ref, answers.system as silo,
        cast(null as string) as category, {{ filled('words.language') }} as language,
        case when {{ filled('words.verbatim') }} is not null then words.verbatim end as text
    from answers
    inner join words
        on answers.system = words.system
        and answers.source_ref = words.response_ref
    union all
    select
        'plain', _system, 'tickets', ticket_ref, _batch_id, _record, 'ticket', party_object, party_ref, opened_at,
        {{ company_day('opened_at') }}, cast(null as string), _system, category, cast(null as string),
        case when {{ filled('verbatim') }} is not null then verbatim end
    from tickets
)

select * from offered
