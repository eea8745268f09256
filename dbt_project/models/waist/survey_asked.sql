-- grain: one row per survey, person or account and months [from_number, until_number): who counts as asked in the twelve months that end with each
with asked as (
    {%- for unit, id in [('person', 'person_id'), ('account', 'customer_id')] %}
    select
        vendor, system, survey_ref, '{{ unit }}' as unit, {{ id }} as unit_id, segment, {{ month_number('sent_on') }} as number,
        lead({{ month_number('sent_on') }}) over (
            partition by vendor, system, survey_ref, {{ id }} order by sent_at, object, source_ref
        ) as next_number
    from {{ ref('survey_send') }}
    where status = 'sent' and {{ id }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

-- whoever is asked again before the year is over goes on with the segment held then
select
    vendor, system, survey_ref, unit, unit_id, segment, number as from_number,
    least(number + 12, coalesce(next_number, number + 12)) as until_number
from asked
where next_number is null or number < next_number
