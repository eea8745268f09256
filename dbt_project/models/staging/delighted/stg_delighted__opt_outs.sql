-- grain: one row per person who unsubscribed from a project's surveys, but employees
with unsubscribes as (
    select * from {{ accepted_records('delighted', 'unsubscribes') }} as unsubscribes
    anti join {{ ref('stg_delighted__employees') }} as employees
        on unsubscribes._system = employees.system and unsubscribes.person_id = employees.person_ref
),

offered as (
    select
        'delighted' as vendor, _system as system, 'unsubscribes' as object, person_id as source_ref, _batch_id as batch_id,
        _record as record, 'people' as party_object, person_id as party_ref, unsubscribed_at as opted_out_at
    from unsubscribes
)

select * from offered
