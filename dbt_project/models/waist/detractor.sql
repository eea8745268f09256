-- grain: one row per recommendation score of 0 to 6, with whether whoever gave it was asked again and scored 7 or more the next time
-- A respondent is known across tools by e-mail address, else by its own record; of nobody known nothing can be told.
with respondents as (
    select
        vendor, system, object, source_ref,
        coalesce(email, vendor || '|' || system || '|' || object || '|' || source_ref) as respondent
    from {{ ref('party_record') }}
),

answers as (
    select
        items.vendor, items.system, items.object, items.source_ref, items.survey_ref, items.given_at, items.given_on, items.score,
        respondents.respondent,
        lead(items.score) over (
            partition by respondents.respondent order by items.given_at, items.vendor, items.system, items.object, items.source_ref
        ) as next_score
    from {{ ref('feedback_item') }} as items
    inner join respondents
        on items.vendor = respondents.vendor
        and items.system = respondents.system
        and items.party_object = respondents.object
        and items.party_ref = respondents.source_ref
    where items.metric = 'nps'
),

invitations as (
    select respondents.respondent, max(invitations.sent_at) as last_sent_at
    from {{ ref('invitation') }} as invitations
    semi join answers
        on invitations.vendor = answers.vendor
        and invitations.system = answers.system
        and invitations.survey_ref = answers.survey_ref
    inner join respondents
        on invitations.vendor = respondents.vendor
        and invitations.system = respondents.system
        and invitations.party_object = respondents.object
        and invitations.party_ref = respondents.source_ref
    where invitations.status = 'sent'
        and {{ company_day('invitations.sent_at') }} <= (select as_of_on from {{ ref('company') }})
    group by respondents.respondent
)

select
    answers.vendor, answers.system, answers.object, answers.source_ref,
    answers.next_score is not null or coalesce(invitations.last_sent_at > answers.given_at, false) as is_asked_again,
    coalesce(answers.next_score >= 7, false) as is_rescued
from answers
left join invitations on answers.respondent = invitations.respondent
where answers.score <= 6
