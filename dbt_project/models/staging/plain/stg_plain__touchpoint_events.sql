-- grain: one row per event at a touchpoint
with events as (
    select * from {{ accepted_records('plain', 'touchpoint_events') }}
),

offered as (
    select
        'plain' as vendor, _system as system, 'touchpoint_events' as object, event_ref as source_ref,
        _batch_id as batch_id, _record as record,
        touchpoint,
        {{ plain_party('touchpoint_events', 'event_ref') }},
        occurred_at, conforming as is_conforming, silo, minutes
    from events
)

select * from offered
