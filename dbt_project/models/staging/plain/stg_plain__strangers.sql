-- grain: one row per ticket, answer, invitation or event that names somebody only by e-mail
with met as (
    {%- for records, object, reference, moment in [
        (accepted_records('plain', 'survey_invitations'), 'survey_invitations', 'invitation_ref', 'sent_at'),
        (accepted_records('plain', 'survey_responses'), 'survey_responses', 'response_ref', 'responded_at'),
        (accepted_records('plain', 'tickets'), 'tickets', 'ticket_ref', 'opened_at'),
        (accepted_records('plain', 'touchpoint_events'), 'touchpoint_events', 'event_ref', 'occurred_at'),
    ] %}
    select
        _system as system, '{{ object }}' as object, {{ reference }} as source_ref, {{ email_address('email') }} as email,
        {{ moment }} as met_at, _batch_id as batch_id, _record as record
    from {{ records }}
    where customer_ref is null
    {%- if not loop.last %}
    union all
    {%- endif -%}
    {%- endfor %}
),

named as (
    select * from met
    where email is not null
)

select * from named
