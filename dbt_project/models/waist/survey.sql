-- grain: one row per survey that is declared, or that an export shows
with declared as (
    select
        vendor, coalesce(system, vendor) as system, survey as survey_ref, kind, journey_stage, owner, cadence_days,
        csat_points, ces_points, ces_version
    from {{ source('reference', 'survey_inventory') }}
),

shown as (
    select vendor, system, survey_ref from {{ ref('invitation') }}
    union
    select vendor, system, survey_ref from {{ ref('response') }}
    union
    select vendor, system, survey_ref from {{ ref('survey_question') }}
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
