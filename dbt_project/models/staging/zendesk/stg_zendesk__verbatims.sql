-- grain: one row per ticket that was neither deleted nor merged into another
with tickets as (
    select * from {{ ref('stg_zendesk__tickets') }}
),

words as (
    select system, ticket_id, {{ joined_texts('subject', 'description') }} as text
    from {{ ref('stg_zendesk__cases') }}
),

offered as (
    select
        tickets.vendor, tickets.system, tickets.object, tickets.source_ref, tickets.batch_id, tickets.record,
        'ticket' as kind, tickets.party_object, tickets.party_ref, tickets.opened_at as given_at,
        {{ company_day('tickets.opened_at') }} as given_on, cast(null as string) as survey_ref, 'zendesk' as silo,
        tickets.category, cast(null as string) as language, words.text
    from tickets
    left join words
        on tickets.system = words.system
        and tickets.source_ref = words.ticket_id
)

select * from offered
