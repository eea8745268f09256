-- grain: one row per customer, line and days at an unchanged price that pays, [valid_from, ends_on), with the terms in
-- which it falls due
-- Terms are counted from the day on which the line began to be billed in that interval: a change of amount leaves them as
-- they are, a change of interval or a gap begins anew.
{%- set line = 'vendor, system, customer_id, line_ref' %}
with paying as (
    select
        spans.customer_id, spans.mover, spans.vendor, spans.system, spans.line_ref, spans.agreement_ref, spans.valid_from,
        spans.billed_to as ends_on,
        spans.amount, spans.currency, spans.interval, spans.interval_count, spans.mrr_value, spans.annualised_value,
        {{ term_unit('spans.interval') }} as unit,
        {{ term_length('spans.interval', 'spans.interval_count') }} as term_length,
        company.grace_days
    from {{ ref('valued_span') }} as spans
    cross join {{ ref('company') }} as company
    where spans.amount > 0
),

followed as (
    select
        *,
        lag(ends_on) over one_line as earlier_ends_on,
        lag(interval) over one_line as earlier_interval,
        lag(interval_count) over one_line as earlier_interval_count,
        lead(valid_from) over one_line as next_from,
        lead(amount) over one_line as next_amount,
        lead(currency) over one_line as next_currency,
        lead(interval) over one_line as next_interval,
        lead(interval_count) over one_line as next_interval_count
    from paying
    window one_line as (partition by {{ line }} order by valid_from)
),

marked as (
    select
        *,
        coalesce(
            earlier_ends_on = valid_from and earlier_interval = interval and earlier_interval_count = interval_count, false
        ) as keeps_its_terms,
        coalesce(valid_from > {{ add_days('earlier_ends_on', 'grace_days') }}, true) as begins,
        ends_on is not null and coalesce(next_from > {{ add_days('ends_on', 'grace_days') }}, true) as stops
    from followed
),

termed as (
    select
        customer_id, mover, vendor, system, line_ref, agreement_ref, valid_from, ends_on, amount, currency, interval, interval_count,
        mrr_value, annualised_value, unit, term_length, begins, stops,
        next_from, next_amount, next_currency, next_interval, next_interval_count,
        max(case when not keeps_its_terms then valid_from end) over (
            partition by {{ line }} order by valid_from rows between unbounded preceding and current row
        ) as anchor_on,
        -- the day on which the line stops in the end; null where it goes on
        min(case when stops then ends_on end) over (
            partition by {{ line }} order by valid_from rows between current row and unbounded following
        ) as stops_on
    from marked
)

select * from termed
