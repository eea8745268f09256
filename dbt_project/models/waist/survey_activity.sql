-- grain: one row per survey that is declared, or that an export shows: what was sent and answered, when, and in which words
with sends as (
    select
        vendor, system, survey_ref,
        min(sent_on) as first_sent_on,
        max(sent_on) as last_sent_on,
        count(distinct sent_on) as sending_days,
        count(*) as sends,
        count(distinct person_id) as people_asked,
        count(distinct customer_id) as customers_asked
    from {{ ref('survey_send') }}
    where status = 'sent'
    group by vendor, system, survey_ref
),

waits as (
    select vendor, system, survey_ref, cast(median(cast(days as double)) as decimal(18, 1)) as days_between_asks
    from (
        select
            vendor, system, survey_ref,
            {{ days_between('lag(sent_on) over (partition by vendor, system, survey_ref, person_id order by sent_on)', 'sent_on') }} as days
        from {{ ref('survey_send') }}
        where status = 'sent' and person_id is not null
    ) as waits
    group by vendor, system, survey_ref
),

answers as (
    select
        vendor, system, survey_ref,
        min(answered_on) as first_answered_on,
        max(answered_on) as last_answered_on,
        count(*) as answers,
        count(distinct person_id) as respondents,
        {{ sorted_list('language') }} as languages
    from {{ ref('heard_answer') }}
    group by vendor, system, survey_ref
),

scores as (
    select
        vendor, system, survey_ref, {{ sorted_list('metric') }} as metrics,
        {{ sorted_list("metric || ' of ' || cast(points as string) || case when ces_version = '1.0' then ' (effort)' else '' end") }} as scales
    from {{ ref('survey_answer') }}
    group by vendor, system, survey_ref
),

words as (
    select
        vendor, system, survey_ref, count(*) - count(distinct metric) as wording_changes,
        max(case when version > 1 then first_exported_on end) as wording_changed_on
    from {{ ref('survey_wording') }}
    group by vendor, system, survey_ref
),

asked as (
    select vendor, system, survey_ref, wording
    from {{ ref('survey_wording') }}
    where is_current
    qualify row_number() over (partition by vendor, system, survey_ref order by {{ metric_rank('metric') }}) = 1
),

-- in other words only where both are known
alike as (
    select
        answers.vendor, answers.system, answers.survey_ref,
        bool_and(coalesce(
            answers.points = methods.points and coalesce(answers.ces_version, '2.0') = '2.0'
            and coalesce({{ same_words('worded.wording') }} = {{ same_words('methods.wording') }}, true), false
        )) as is_aligned
    from (select distinct vendor, system, survey_ref, metric, points, ces_version from {{ ref('survey_answer') }}) as answers
    left join {{ source('reference', 'survey_method') }} as methods on answers.metric = methods.metric
    left join {{ ref('survey_wording') }} as worded
        on answers.vendor = worded.vendor and answers.system = worded.system and answers.survey_ref = worded.survey_ref
        and answers.metric = worded.metric
        and worded.is_current
    group by answers.vendor, answers.system, answers.survey_ref
)

select
    surveys.*, alike.is_aligned, sends.first_sent_on, sends.last_sent_on, sends.sending_days, sends.sends, sends.people_asked,
    sends.customers_asked,
    waits.days_between_asks, answers.first_answered_on, answers.last_answered_on, answers.answers, answers.respondents,
    scores.metrics, scores.scales, answers.languages, asked.wording, words.wording_changes, words.wording_changed_on,
    greatest(coalesce(sends.last_sent_on, answers.last_answered_on), coalesce(answers.last_answered_on, sends.last_sent_on)) as last_seen_on
from {{ ref('survey') }} as surveys
left join sends using (vendor, system, survey_ref)
left join waits using (vendor, system, survey_ref)
left join answers using (vendor, system, survey_ref)
left join scores using (vendor, system, survey_ref)
left join words using (vendor, system, survey_ref)
left join asked using (vendor, system, survey_ref)
left join alike using (vendor, system, survey_ref)
