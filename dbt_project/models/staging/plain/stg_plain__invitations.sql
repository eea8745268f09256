-- grain: one row per invitation to a survey
with invitations as (
    select * from {{ accepted_records('plain', 'survey_invitations') }}
),

offered as (
    select
        'plain' as vendor, _system as system, 'survey_invitations' as object, invitation_ref as source_ref,
        _batch_id as batch_id, _record as record,
        survey_ref,
        {{ plain_party('survey_invitations', 'invitation_ref') }},
        sent_at, {{ lower_case('channel') }} as channel, coalesce(status, 'sent') as status,
        cast(null as timestamp) as opened_at, cast(null as timestamp) as started_at, cast(null as timestamp) as completed_at,
        cast(null as string) as response_ref
    from invitations
)

select * from offered
