-- grain: one row per recommendation score of 0 to 6, with whether whoever gave it was asked again and scored 7 or more the next time
-- A respondent is known across tools by e-mail address, else by its own record; of nobody known nothing can be told.
{%- set record = "{0}.vendor || '|' || {0}.system || '|' || {0}.party_object || '|' || {0}.party_ref" %}
with answers as (
    select
        items.vendor, items.system, items.object, items.source_ref, items.survey_ref, items.given_at, items.score,
        coalesce(records.email, {{ record.format('items') }}) as respondent
    from {{ ref('feedback_item') }} as items
    left join {{ ref('party_record') }} as records
        on items.vendor = records.vendor
        and items.system = records.system
        and items.party_object = records.object
        and items.party_ref = records.source_ref
    where items.metric = 'nps'
        and items.party_ref is not null
),

followed as (
    select *, lead(score) over (partition by respondent order by given_at, vendor, system, object, source_ref) as next_score
    from answers
),

sent as (
    select invitations.sent_at, coalesce(records.email, {{ record.format('invitations') }}) as respondent
    from {{ ref('invitation') }} as invitations
    semi join answers
        on invitations.vendor = answers.vendor
        and invitations.system = answers.system
        and invitations.survey_ref = answers.survey_ref
    left join {{ ref('party_record') }} as records
        on invitations.vendor = records.vendor
        and invitations.system = records.system
        and invitations.party_object = records.object
        and invitations.party_ref = records.source_ref
    where invitations.status = 'sent'
        and {{ company_day('invitations.sent_at') }} <= (select as_of_on from {{ ref('company') }})
),

last_sent as (
    select respondent, max(sent_at) as last_sent_at from sent
    where respondent is not null
    group by respondent
)

select
    followed.vendor, followed.system, followed.object, followed.source_ref,
    followed.next_score is not null or coalesce(last_sent.last_sent_at > followed.given_at, false) as is_asked_again,
    coalesce(followed.next_score >= 7, false) as is_rescued
from followed
left join last_sent on followed.respondent = last_sent.respondent
where followed.score <= 6
