-- grain: one row per invitation to a survey and person
-- What waits to be sent is no invitation yet; a reminder, a thank-you or a test is another's or none.
with mailings as (
    select * from {{ accepted_records('qualtrics', 'distributions') }}
),

surveys as (
    select * from {{ accepted_records('qualtrics', 'surveys') }}
),

recipients as (
    select *, {{ lower_case('status') }} as became from {{ accepted_records('qualtrics', 'distribution_contacts') }}
),

invitations as (
    select
        recipients.*,
        coalesce(mailings.survey_id, nullif(split_part(split_part(recipients.survey_link, '/form/', 2), '?', 1), '')) as survey_ref,
        coalesce(recipients.sent_at, mailings.send_date) as invited_at
    from recipients
    left join mailings
        on recipients._system = mailings._system
        and recipients.distribution_id = mailings.distribution_id
    where recipients.became <> 'pending'
        and coalesce({{ lower_case('mailings.request_type') }}, 'invite') like '%invite'
),

offered as (
    select
        'qualtrics' as vendor, invitations._system as system, 'distribution_contacts' as object,
        distribution_id || '/' || contact_id as source_ref, invitations._batch_id as batch_id, invitations._record as record,
        coalesce(surveys.name, invitations.survey_ref) as survey_ref, 'contacts' as party_object, contact_id as party_ref,
        invited_at as sent_at, cast(null as string) as channel,
        case
            when became in ('softbounce', 'hardbounce', 'failure', 'error', 'unknown') then 'bounced'
            when became in ('skipped', 'blocked', 'optedout', 'opted out') then 'suppressed'
            else 'sent'
        end as status,
        opened_at, response_started_at as started_at, response_completed_at as completed_at,
        case when {{ lower_case('response_id') }} <> 'anonymous' then response_id end as response_ref,
        contact_frequency_rule_id as frequency_rule_ref
    from invitations
    left join surveys
        on invitations._system = surveys._system
        and invitations.survey_ref = surveys.id
)

select * from offered
