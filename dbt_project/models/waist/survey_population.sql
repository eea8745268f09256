-- grain: one row per survey, people or accounts, segment (and `all`) and months [from_number, until_number): how many it asked in the twelve months that end with each
with asked as (
    {%- for unit, id in [('person', 'person_id'), ('account', 'customer_id')] %}
    select
        vendor, system, survey_ref, '{{ unit }}' as unit, segment, sent_on,
        lead(sent_on) over (
            partition by vendor, system, survey_ref, {{ id }} order by sent_at, object, source_ref
        ) as next_sent_on
    from {{ ref('survey_send') }}
    where status = 'sent' and {{ id }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- whoever is asked again before the year is over goes on with the segment held then
stretches as (
    select
        *, {{ month_number('sent_on') }} as number,
        least(
            {{ month_number('sent_on') }} + 12, coalesce({{ month_number('next_sent_on') }}, {{ month_number('sent_on') }} + 12)
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
