-- grain: one row per segment, the whole company (`all`) included
with segments as (
    select segment from {{ ref('segment_seen') }}
    union all
    select 'all' as segment
),

ruled as (
    select
        segments.segment,
        case when segments.segment <> 'all' then coalesce(rules.lapse_days, 365) end as lapse_days
    from segments
    left join {{ source('reference', 'segment_rule') }} as rules using (segment)
)

select segment, cast(lapse_days as integer) as lapse_days from ruled
