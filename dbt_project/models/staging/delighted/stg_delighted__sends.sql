-- grain: one row per person of a project, but employees, and time at which it was asked
-- A person's record tells the last time alone, so every version that was ever extracted counts; what was sent between two
-- extracts and again before the later one is known to nobody.
with versions as (
    select *, {{ delighted_project('_file') }} as project from {{ record_history('delighted', 'people') }}
),

sends as (
    select _system as system, id as person_ref, last_sent_at as sent_at, project, _batch_id as batch_id, _record as record
    from versions
    anti join {{ ref('stg_delighted__employees') }} as employees
        on versions._system = employees.system and versions.id = employees.person_ref
    where last_sent_at is not null
    qualify row_number() over (partition by _system, id, last_sent_at order by _extracted_at, _batch_order, _record) = 1
),

followed as (
    select *, lead(sent_at) over (partition by system, person_ref order by sent_at) as next_sent_at from sends
)

select * from followed
