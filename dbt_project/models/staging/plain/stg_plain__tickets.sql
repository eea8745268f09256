-- grain: one row per support ticket
with tickets as (
    select * from {{ accepted_records('plain', 'tickets') }}
),

offered as (
    select
        'plain' as vendor, _system as system, 'tickets' as object, ticket_ref as source_ref,
        _batch_id as batch_id, _record as record,
        {{ plain_party('tickets', 'ticket_ref') }},
        opened_at, first_replied_at, resolved_at, reopened_count, channel, category
    from tickets
)

select * from offered
