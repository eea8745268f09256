-- grain: one row per definition, agreed line and days [valid_from, valid_to) at an unchanged price on which it counts, of whoever it touches
-- A gap of at most grace_days within a line is bridged at the earlier price. Apart from `definition_span`, since both at once need more
-- memory than either.
with company as (
    select * from {{ ref('company') }}
),

stretches as (
    select
        lines.*,
        -- a discount begins and ends on the company's days; the first and last of its stretches, when the line does
        greatest(lines.starts_on, nullif(discounted.starts_on, lines.company_starts_on)) as held_from,
        least(lines.counted_to, nullif(discounted.ends_on, lines.company_ends_on)) as held_to,
        cast(lines.amount - {{ discount_by('discounted', 'lines') }} as decimal(18, 4)) as price
    from {{ ref('definition_line') }} as lines
    inner join {{ ref('definition') }} as definitions on lines.definition_number = definitions.definition_number
    left join {{ ref('discounted_line') }} as discounted
        on lines.base_object = 'agreements'
        and lines.vendor = discounted.vendor
        and lines.system = discounted.system
        and lines.line_ref = discounted.line_ref
        and lines.company_starts_on = discounted.line_starts_on
        and {{ counted_kinds('definitions') }} = discounted.counted_kinds
    where lines.kind = 'agreement'
),

counted as (
    select
        definition_number, customer_id, starts_on, price_currency, interval, interval_count, exchange_rate,
        unit || case when grain = 'agreement' then '/' || vendor || '/' || system || '/' || agreement_ref else '' end as unit,
        held_from as valid_from, held_to as valid_to,
        lead(held_from) over (
            partition by definition_number, vendor, system, customer_id, line_ref order by held_from, source_ref
        ) as next_from,
        -- a price of 0 is that of a free plan or a trial that is counted; below it is a credit
        price >= 0 as is_counting,
        price as amount
    from stretches
    where (held_to is null or held_from < held_to)
        and (price <> 0 or is_trial or free_plans = 'counted')
)

select
    counted.definition_number, counted.customer_id, counted.unit, counted.starts_on, counted.price_currency, counted.interval,
    counted.interval_count, counted.exchange_rate, counted.is_counting, counted.amount, counted.valid_from,
    case
        when counted.valid_to < counted.next_from and counted.next_from <= {{ add_days('counted.valid_to', 'company.grace_days') }}
            then counted.next_from
        else counted.valid_to
    end as valid_to
from counted
cross join company
