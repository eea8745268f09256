-- grain: one row per person of a project that employees alone answer
-- A person's record does not say what it is asked; the answers of its project do.
with projects as (
    select _system as system, {{ survey_name('_file') }} as project
    from {{ accepted_records('delighted', 'survey_responses') }}
    group by all
    having count(case when {{ lower_case('survey_type') }} = 'enps' then 1 end) = count(*)
),

listed as (
    select _system as system, id as person_ref, {{ delighted_project('_file') }} as project
    from {{ record_history('delighted', 'people') }}
    union
    select _system, person_id, {{ delighted_project('_file') }} from {{ record_history('delighted', 'unsubscribes') }}
)

select distinct listed.system, listed.person_ref
from listed
inner join projects using (system, project)
