-- grain: one row per recurring line of an agreement with discounts, stretch of days and discount in force on them; without
-- any in force, one row of the stretch
-- An interval that begins within a discount is lowered as a whole, counted from the discount's first day: a year's price
-- by a discount of three months for the year. One that is given once lowers the first interval.
with discounts as (
    select * from {{ ref('discount') }}
),

lines as (
    select lines.vendor, lines.system, lines.agreement_ref, lines.line_ref, lines.starts_on, lines.ends_on, lines.amount,
        lines.currency, lines.interval, lines.interval_count,
        coalesce(lines.is_trial, false) as is_trial, lines.is_paused, lines.is_metered
    from {{ ref('recurring_line') }} as lines
    semi join discounts
        on lines.vendor = discounts.vendor
        and lines.system = discounts.system
        and lines.agreement_ref = discounts.agreement_ref
    where lines.amount > 0
        and (lines.ends_on is null or lines.starts_on < lines.ends_on)
),

given as (
    select
        lines.vendor, lines.system, lines.agreement_ref, lines.line_ref, lines.starts_on as line_starts_on,
        discounts.source_ref as discount_ref, discounts.percent, discounts.amount as amount_off,
        discounts.line_ref is null as is_shared, discounts.is_one_off,
        greatest(lines.starts_on, discounts.starts_on) as given_from,
        least(lines.ends_on, {{ whole_intervals(
            'discounts.starts_on',
            'case when discounts.is_one_off then ' ~ add_days('discounts.starts_on', '1') ~ ' else discounts.ends_on end',
            'lines.interval', 'coalesce(lines.interval_count, 1)'
        ) }}) as given_to
    from lines
    inner join discounts
        on lines.vendor = discounts.vendor
        and lines.system = discounts.system
        and lines.agreement_ref = discounts.agreement_ref
        and coalesce(discounts.line_ref, lines.line_ref) = lines.line_ref
        and coalesce(discounts.currency, lines.currency, '') = coalesce(lines.currency, '')
),

in_force as (
    select * from given
    where given_to is null or given_from < given_to
),

-- what an amount leaves of one line depends on the others, so each line is cut wherever any of the agreement is
bounds as (
    select vendor, system, agreement_ref, starts_on as day from lines
    union
    select vendor, system, agreement_ref, ends_on as day from lines
    union
    select vendor, system, agreement_ref, given_from as day from in_force
    union
    select vendor, system, agreement_ref, given_to as day from in_force
),

stretches as (
    select
        lines.vendor, lines.system, lines.agreement_ref, lines.line_ref, lines.starts_on as line_starts_on,
        lines.amount as list_amount, lines.currency, lines.interval, coalesce(lines.interval_count, 1) as interval_count,
        lines.is_trial, lines.is_paused, lines.is_metered,
        bounds.day as starts_on,
        coalesce(lead(bounds.day) over (
            partition by lines.vendor, lines.system, lines.line_ref, lines.starts_on order by bounds.day
        ), lines.ends_on) as ends_on
    from lines
    inner join bounds
        on lines.vendor = bounds.vendor
        and lines.system = bounds.system
        and lines.agreement_ref = bounds.agreement_ref
        and lines.starts_on <= bounds.day
        and (lines.ends_on is null or bounds.day < lines.ends_on)
)

select stretches.*, in_force.discount_ref, in_force.percent, in_force.amount_off, in_force.is_shared, in_force.is_one_off
from stretches
left join in_force
    on stretches.vendor = in_force.vendor
    and stretches.system = in_force.system
    and stretches.line_ref = in_force.line_ref
    and stretches.line_starts_on = in_force.line_starts_on
    and in_force.given_from <= stretches.starts_on
    and (in_force.given_to is null or stretches.starts_on < in_force.given_to)
