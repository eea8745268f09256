-- grain: one row per survey and other survey that asks at the same stage for the same metric, of people met in twelve months
-- Whoever is sent a survey or answers it is met by it. Of two surveys without a stage nobody knows that they ask at the same one.
with met as (
    select distinct vendor, system, survey_ref, person_id
    from (
        select vendor, system, survey_ref, person_id, sent_on as met_on from {{ ref('survey_send') }} where status = 'sent'
        union all
        select vendor, system, survey_ref, person_id, answered_on from {{ ref('survey_answer') }}
    ) as met
    cross join {{ ref('company') }} as company
    where person_id is not null and met_on > {{ add_months('company.as_of_on', '-12') }}
),

people as (
    select vendor, system, survey_ref, count(*) as people from met
    group by vendor, system, survey_ref
),

metrics as (
    select distinct vendor, system, survey_ref, metric from {{ ref('survey_answer') }}
),

pairs as (
    select distinct
        one.vendor, one.system, one.survey_ref,
        other.vendor as other_vendor, other.system as other_system, other.survey_ref as other_survey_ref
    from metrics as one
    inner join metrics as other
        on one.metric = other.metric
        and not (one.vendor = other.vendor and one.system = other.system and one.survey_ref = other.survey_ref)
    inner join {{ ref('survey') }} as ours
        on one.vendor = ours.vendor and one.system = ours.system and one.survey_ref = ours.survey_ref
    inner join {{ ref('survey') }} as theirs
        on other.vendor = theirs.vendor and other.system = theirs.system and other.survey_ref = theirs.survey_ref
        and ours.journey_stage = theirs.journey_stage
),

shared as (
    select
        one.vendor, one.system, one.survey_ref,
        other.vendor as other_vendor, other.system as other_system, other.survey_ref as other_survey_ref, count(*) as shared_people
    from met as one
    inner join met as other on one.person_id = other.person_id
    group by all
)

select
    pairs.*, people.people, cast(coalesce(shared.shared_people, 0) as bigint) as shared_people
from pairs
inner join people using (vendor, system, survey_ref)
left join shared using (vendor, system, survey_ref, other_vendor, other_system, other_survey_ref)
