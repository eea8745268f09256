-- grain: one row per survey, people or accounts, segment (and `all`) and months [from_number, until_number): how many it asked in the twelve months that end with each
with changes as (
    select vendor, system, survey_ref, unit, segment, from_number as number, 1 as change from {{ ref('survey_asked') }}
    union all
    select vendor, system, survey_ref, unit, segment, until_number as number, -1 as change from {{ ref('survey_asked') }}
),

summed as (
    select
        vendor, system, survey_ref, unit,
        case when grouping(segment) = 1 then 'all' else segment end as segment,
        number, sum(change) as change
    from changes
    group by grouping sets (
        (vendor, system, survey_ref, unit, segment, number), (vendor, system, survey_ref, unit, number)
    )
)

select
    vendor, system, survey_ref, unit, segment, number as from_number,
    lead(number) over following as until_number,
    cast(sum(change) over following as bigint) as population
from summed
window following as (partition by vendor, system, survey_ref, unit, segment order by number)
