-- grain: one row per survey, people or accounts, segment (and `all`) and months [from_number, until_number): how many it asked in the twelve months that end with each
with asked as (
    select
        vendor, system, survey_ref, 'person' as unit, person_id as asked, {{ month_number('sent_on') }} as number,
        max_by(segment, sent_at) as segment
    from {{ ref('survey_send') }}
    where status = 'sent' and person_id is not null
    group by all
    union all
    select
        vendor, system, survey_ref, 'account' as unit, customer_id as asked, {{ month_number('sent_on') }} as number,
        max_by(segment, sent_at) as segment
    from {{ ref('survey_send') }}
    where status = 'sent' and customer_id is not null
    group by all
),

-- whoever is asked again before the year is over goes on with the segment held then
stretches as (
    select
        *,
        least(
            number + 12,
            coalesce(lead(number) over (
                partition by vendor, system, survey_ref, unit, asked order by number
            ), number + 12)
        ) as until_number
    from asked
),

changes as (
    select vendor, system, survey_ref, unit, segment, number, 1 as change from stretches
    union all
    select vendor, system, survey_ref, unit, segment, until_number as number, -1 as change from stretches
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
