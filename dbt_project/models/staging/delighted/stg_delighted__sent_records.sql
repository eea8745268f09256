-- grain: one row per person that a list of people ever named, but employees
with people as (
    {{ sent_records('delighted', 'people', 'id') }}
)

select * from people
anti join {{ ref('stg_delighted__employees') }} as employees
    on people.system = employees.system and people.source_ref = employees.person_ref
