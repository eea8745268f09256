-- grain: one row per survey that is declared, or that an export shows
with declared as (
    select
        vendor, coalesce(system, vendor) as system, survey as survey_ref, kind, journey_stage, owner, cadence_days,
        csat_points, ces_points, ces_version
    from {{ source('reference', 'survey_inventory') }}
),

-- those of which nothing more is known too, as of answers that were begun alone
exported as (
    {{ union_of(['stg_qualtrics__answers', 'stg_surveymonkey__answers'], ['vendor', 'system', 'survey_ref']) }}
),

-- by its answers, not by its files: where a survey was renamed, the newer export of the same answers has the name
shown as (
    select vendor, system, survey_ref from {{ ref('invitation') }}
    union
    select vendor, system, survey_ref from {{ ref('given_answer') }}
    union
    select vendor, system, survey_ref from exported
)

select
    vendor, system, survey_ref,
    declared.survey_ref is not null as is_declared,
    shown.survey_ref is not null as is_shown,
    declared.kind, declared.journey_stage, declared.owner, declared.cadence_days,
    cast(declared.csat_points as int) as csat_points, cast(declared.ces_points as int) as ces_points,
    coalesce(declared.ces_version, '2.0') as ces_version
from shown
full join declared using (vendor, system, survey_ref)
where vendor is not null and survey_ref is not null
