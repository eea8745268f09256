-- grain: one row per send that reached a person; and per survey and day on which it reached people of an account
-- A relationship survey goes before all others: where one and another ask within the days allowed, the other breaks the rule,
-- whichever came first. Of two of a kind the later does. What nobody declares counts as transactional.
{%- set one_after_another = 'partition by unit, unit_id order by sent_at, survey_key, send_ref' %}
with sends as (
    select
        vendor, system, survey_ref, vendor || '/' || system || '/' || coalesce(survey_ref, '') as survey_key,
        coalesce(kind = 'relationship', false) as is_relationship, sent_at, sent_on, object, source_ref, person_id, customer_id,
        segment
    from {{ ref('survey_send') }}
    where status = 'sent'
),

asks as (
    select
        'person' as unit, person_id as unit_id, vendor, system, survey_ref, survey_key, is_relationship, sent_at, sent_on,
        object || '/' || source_ref as send_ref, segment
    from sends
    where person_id is not null
    union all
    select
        'account', customer_id, vendor, system, survey_ref, survey_key, is_relationship, min(sent_at), sent_on, '', segment
    from sends
    where customer_id is not null
    group by customer_id, vendor, system, survey_ref, survey_key, is_relationship, sent_on, segment
),

-- a day and the survey asked on it, so that the nearest of them is the greatest, or the least
neighbours as (
    select
        asks.*,
        lag(cast(sent_on as string) || ' ' || survey_key) over ({{ one_after_another }}) as before,
        max(case when is_relationship then cast(sent_on as string) || ' ' || survey_key end) over (
            {{ one_after_another }} rows between unbounded preceding and 1 preceding) as relationship_before,
        min(case when is_relationship then cast(sent_on as string) || ' ' || survey_key end) over (
            {{ one_after_another }} rows between 1 following and unbounded following) as relationship_after
    from asks
),

gaps as (
    select
        neighbours.*,
        case when is_relationship then settings.relationship_gap_days else settings.transactional_gap_days end as rule_days,
        case when is_relationship then relationship_before else before end as earlier,
        case when not is_relationship then relationship_after end as later
    from neighbours
    cross join {{ source('run', 'settings') }} as settings
),

nearest as (
    select
        *,
        {{ days_between("cast(substr(earlier, 1, 10) as date)", 'sent_on') }} as days_after,
        {{ days_between('sent_on', "cast(substr(later, 1, 10) as date)") }} as days_before
    from gaps
),

judged as (
    select
        unit, unit_id, vendor, system, survey_ref, survey_key, is_relationship, sent_on, segment, rule_days,
        least(coalesce(days_after, days_before), coalesce(days_before, days_after)) as gap_days,
        substr(case when days_before is null or days_after <= days_before then earlier else later end, 12) as other_survey_key
    from nearest
)

select
    *,
    coalesce(gap_days < rule_days, false) as is_breach,
    coalesce(gap_days < rule_days and other_survey_key <> survey_key, false) as is_across_surveys
from judged
