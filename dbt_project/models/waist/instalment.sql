-- grain: one row per interval of a revenue span whose source keeps no invoices, billed on the interval's first day
-- Intervals are counted from the day on which the line began to be billed in them. What changes its amount, a discount or
-- a new price, is billed from the next one on; another interval, a gap, a trial or a pause, and a free plan begin them anew.
-- Days that only a grace period bridges bill nothing.
{%- set line = 'vendor, system, customer_id, line_ref' %}
with company as (
    select * from {{ ref('company') }}
),

uninvoiced as (
    select
        spans.customer_id, spans.mover, spans.vendor, spans.system, spans.line_ref, spans.source_ref, spans.valid_from,
        spans.agreed_from, spans.counted_to, spans.billed_amount as amount, spans.currency, spans.interval, spans.interval_count,
        spans.is_billed, spans.list_amount = 0 as is_free,
        least(coalesce(spans.billed_to, date '9999-12-31'), {{ add_days('company.as_of_on', '1') }}) as billed_before
    from {{ ref('paying_span') }} as spans
    anti join (select distinct vendor, system from {{ ref('billed_amount') }}) as invoicing
        on spans.vendor = invoicing.vendor
        and spans.system = invoicing.system
    cross join company
    where spans.valid_from <= company.as_of_on
),

followed as (
    select
        *,
        lag(agreed_from) over one_line as earlier_agreed_from,
        lag(counted_to) over one_line as earlier_counted_to,
        lag(interval) over one_line as earlier_interval,
        lag(interval_count) over one_line as earlier_interval_count,
        lag(is_billed) over one_line as was_billed,
        lag(is_free) over one_line as was_free
    from uninvoiced
    window one_line as (partition by {{ line }} order by valid_from, source_ref)
),

marked as (
    select
        *,
        -- days that a discount makes free are no gap
        coalesce(
            (earlier_agreed_from = agreed_from or earlier_counted_to = agreed_from)
            and earlier_interval = interval and earlier_interval_count = interval_count
            and was_billed = is_billed and was_free = is_free, false
        ) as goes_on
    from followed
),

anchored as (
    select
        customer_id, mover, valid_from, billed_before, amount, currency, interval, interval_count,
        max(case when not goes_on then agreed_from end) over (
            partition by {{ line }} order by valid_from, source_ref rows between unbounded preceding and current row
        ) as anchor_on,
        interval_count * case interval
            when 'day' then 1 when 'week' then 7 when 'month' then 28 when 'quarter' then 89 else 365
        end as shortest_days,
        interval_count * case interval
            when 'day' then 1 when 'week' then 7 when 'month' then 31 when 'quarter' then 92 else 366
        end as longest_days
    from marked
),

placed as (
    select
        *,
        -- those that certainly began earlier, and the last that may have begun
        cast({{ whole_division(days_between('anchor_on', 'valid_from'), 'longest_days') }} as bigint) as earlier_intervals,
        cast({{ whole_division(days_between('anchor_on', 'billed_before'), 'shortest_days') }} as bigint) as latest
    from anchored
),

numbered as (
    select *, {{ each_number('latest - earlier_intervals') }} as nth
    from placed
),

dated as (
    select
        customer_id, mover, amount, currency, valid_from, billed_before,
        case
            when interval = 'day' then {{ add_days('anchor_on', '(earlier_intervals + nth) * interval_count') }}
            when interval = 'week' then {{ add_days('anchor_on', '7 * (earlier_intervals + nth) * interval_count') }}
            else {{ add_months(
                'anchor_on',
                "(earlier_intervals + nth) * interval_count * case interval when 'month' then 1 when 'quarter' then 3 else 12 end"
            ) }}
        end as billed_on
    from numbered
)

select customer_id, mover, billed_on, amount, currency
from dated
where valid_from <= billed_on
    and billed_on < billed_before
