-- grain: one row per cost, segment and days on which a rate of it holds for the segment, [valid_from, valid_to)
-- A segment's own rate goes before that of all segments, from its first day on.
with rates as (
    select
        cost, segment, valid_from, amount,
        lead(valid_from) over (partition by cost, segment order by valid_from) as valid_to
    from {{ source('reference', 'cost_rate') }}
),

own as (
    select cost, segment, min(valid_from) as first_on
    from rates
    group by cost, segment
),

held as (
    select cost, segment, valid_from, valid_to, amount, false as is_for_all
    from rates
    where segment <> 'all'
    union all
    select
        rates.cost, segments.segment, rates.valid_from,
        case when own.first_on < coalesce(rates.valid_to, date '9999-12-31') then own.first_on else rates.valid_to end
            as valid_to,
        rates.amount, true as is_for_all
    from rates
    cross join {{ ref('segment_seen') }} as segments
    left join own
        on rates.cost = own.cost
        and segments.segment = own.segment
    where rates.segment = 'all' and (own.first_on is null or rates.valid_from < own.first_on)
)

select * from held
