-- grain: one row per line at one price, or sale of a day, and run of months in which it earns the same, [month_from, month_to)
-- Whose a month's revenue is, and of which segment, is told by the first day of it that is earned.
with earned as (
    select customer_id, mover, first_on, month_from, month_to, value from {{ ref('earned_stretch') }}
    union all
    select
        customer_id, mover, earned_on as first_on,
        {{ month_of('earned_on') }} as month_from,
        {{ add_months(month_of('earned_on'), '1') }} as month_to,
        value
    from {{ ref('earned_at_once') }}
),

-- the last of the months begins before any change that comes too late to matter
dated as (
    select *, greatest(first_on, {{ add_months('month_to', '-1') }}) as last_on
    from earned
    where value <> 0
),

held as (
    select
        dated.customer_id,
        coalesce(stays.customer_id, dated.customer_id) as holder_id,
        {{ cut_to('dated', 'stays') }},
        dated.value
    from dated
    left join {{ ref('moved_record') }} as stays
        on dated.mover = stays.mover
        and (stays.valid_from is null or stays.valid_from <= dated.last_on)
        and (stays.valid_to is null or dated.first_on < stays.valid_to)
),

of_segments as (
    select
        held.customer_id,
        coalesce(segments.segment, 'unsegmented') as segment,
        {{ cut_to('held', 'segments') }},
        held.value
    from held
    left join {{ ref('customer_segment') }} as segments
        on held.holder_id = segments.customer_id
        and (segments.valid_from is null or segments.valid_from <= held.last_on)
        and (segments.valid_to is null or held.first_on < segments.valid_to)
    where held.month_from < held.month_to
)

select customer_id, segment, first_on, month_from, month_to, cast(value as decimal(18, 4)) as value
from of_segments
where month_from < month_to
