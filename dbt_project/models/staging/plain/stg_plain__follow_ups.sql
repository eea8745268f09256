-- grain: one row per thing that was done about a piece of feedback
with follow_ups as (
    select
        *, coalesce({{ lower_case('of_vendor') }}, 'plain') as feedback_vendor
    from {{ accepted_records('plain', 'follow_ups') }}
),

offered as (
    select
        'plain' as vendor, _system as system, 'follow_ups' as object, follow_up_ref as source_ref, _batch_id as batch_id,
        _record as record, feedback_vendor as of_vendor,
        coalesce(of_system, case when feedback_vendor = 'plain' then _system else feedback_vendor end) as of_system,
        of_kind, case when feedback_vendor = 'salesforce' then {{ salesforce_id('of_ref') }} else of_ref end as of_ref,
        kind, happened_at, coalesce(is_automatic, false) as is_automatic
    from follow_ups
)

select * from offered
