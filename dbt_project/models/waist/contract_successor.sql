-- grain: one row per line of a contract that ended and whose place another of the same customer took
-- A line that begins from early_renewal_days before to grace_days after an end, and still pays on that day, takes the place
-- of one line that ended on the nearest such day, of two as near the earlier. Where several ended and several began, those
-- of the highest yearly value go together.
with company as (
    select * from {{ ref('company') }}
),

-- each line's beginnings and ends, with whose it was on that day
turns as (
    select
        coalesce(stays.customer_id, spans.customer_id) as customer_id,
        sides.is_end,
        case when sides.is_end then spans.ends_on else spans.valid_from end as turned_on,
        spans.vendor, spans.system, spans.customer_id as line_customer_id, spans.line_ref, spans.valid_from, spans.stops_on,
        spans.mrr_value, spans.annualised_value
    from {{ ref('term_span') }} as spans
    cross join (values (false), (true)) as sides (is_end)
    left join {{ ref('moved_record') }} as stays
        on spans.mover = stays.mover
        and (stays.valid_from is null or stays.valid_from <= case when sides.is_end then spans.ends_on else spans.valid_from end)
        and (stays.valid_to is null or case when sides.is_end then spans.ends_on else spans.valid_from end < stays.valid_to)
    where (sides.is_end and spans.stops) or (not sides.is_end and spans.begins)
),

placed as (
    select
        *,
        max(case when is_end then turned_on end) over (partition by customer_id order by turned_on) as end_before,
        min(case when is_end then turned_on end) over (partition by customer_id order by turned_on desc) as end_after
    from turns
),

reached as (
    select
        placed.*,
        {{ add_days('end_before', 'company.grace_days') }} >= turned_on as is_late,
        {{ add_days('turned_on', 'company.early_renewal_days') }} >= end_after
            and (stops_on is null or end_after < stops_on) as is_early
    from placed
    cross join company
),

-- the end in whose place a line began, and each end itself
chosen as (
    select
        customer_id, is_end, vendor, system, line_customer_id, line_ref, valid_from, mrr_value, annualised_value,
        case
            when is_end then turned_on
            when is_early and (
                not coalesce(is_late, false)
                or {{ days_between('turned_on', 'end_after') }} < {{ days_between('end_before', 'turned_on') }}
            ) then end_after
            when is_late then end_before
        end as ended_on
    from reached
),

numbered as (
    select
        *,
        row_number() over (
            partition by customer_id, ended_on, is_end
            order by annualised_value desc nulls last, vendor, system, line_ref, valid_from
        ) as nth
    from chosen
    where ended_on is not null
),

paired as (
    select
        is_end, vendor, system, line_customer_id, line_ref, valid_from,
        lead(valid_from) over pair as successor_from,
        lead(mrr_value) over pair as mrr_value,
        lead(annualised_value) over pair as annualised_value
    from numbered
    window pair as (partition by customer_id, ended_on, nth order by is_end desc)
)

select vendor, system, line_customer_id, line_ref, valid_from, successor_from, mrr_value, annualised_value
from paired
where is_end and successor_from is not null
