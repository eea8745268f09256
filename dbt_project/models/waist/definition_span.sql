-- grain: one row per definition, line and days [valid_from, valid_to) at an unchanged price and rate on which it counts, of whoever it touches
-- A gap of at most grace_days within a line is bridged at the earlier price.
{%- set told = 'definition_number, customer_id, starts_on, price_currency, interval, interval_count, exchange_rate' %}
with company as (
    select * from {{ ref('company') }}
),

-- only what was agreed has discounts, and gaps that grace bridges
stretches as (
    select
        lines.*,
        -- a discount begins and ends on the company's days; the first and last of its stretches, when the line does
        greatest(lines.starts_on, nullif(discounted.starts_on, lines.company_starts_on)) as held_from,
        least(lines.counted_to, nullif(discounted.ends_on, lines.company_ends_on)) as held_to,
        cast(lines.amount - {{ discount_by('discounted', 'lines') }} as decimal(18, 4)) as price
    from {{ ref('definition_line') }} as lines
    left join {{ ref('discounted_line') }} as discounted
        on lines.base_object = 'agreements'
        and lines.vendor = discounted.vendor
        and lines.system = discounted.system
        and lines.line_ref = discounted.line_ref
        and lines.company_starts_on = discounted.line_starts_on
    where lines.kind = 'agreement'
),

agreed as (
    select
        {{ told }},
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
),

at_once as (
    select
        {{ told }}, unit, starts_on as valid_from, counted_to as valid_to, cast(null as date) as next_from,
        base_object <> 'invoices' or amount_left > 0 as is_counting,
        amount_left as amount
    from {{ ref('definition_line') }}
    where kind <> 'agreement' and (counted_to is null or starts_on < counted_to)
),

counted as (
    select * from agreed
    union all
    select * from at_once
),

bridged as (
    select
        counted.*,
        case
            when counted.valid_to < counted.next_from and counted.next_from <= {{ add_days('counted.valid_to', 'company.grace_days') }}
                then counted.next_from
            else counted.valid_to
        end as held_to
    from counted
    cross join company
),

-- the first and the last day whose rates count
rated as (
    select
        bridged.*,
        case exchange_rate
            when 'of_day' then valid_from when 'newest' then company.as_of_on else least(starts_on, company.as_of_on)
        end as first_rated_on,
        case exchange_rate
            when 'of_day' then coalesce({{ add_days('held_to', '-1') }}, date '9999-12-31')
            when 'newest' then company.as_of_on
            else least(starts_on, company.as_of_on)
        end as last_rated_on
    from bridged
    cross join company
    -- of a bare comparison DuckDB expects next to no row, and would keep all of them in memory to join the few rates
    where coalesce(valid_from <= company.as_of_on, false)
)

select
    rated.definition_number, rated.customer_id, rated.unit, rated.is_counting,
    rated.valid_from as span_from,
    rated.held_to as span_to,
    case rated.exchange_rate
        when 'of_day' then greatest(rated.valid_from, coalesce(rates.valid_from, rated.valid_from)) else rated.valid_from
    end as valid_from,
    case rated.exchange_rate when 'of_day' then least(rated.held_to, rates.valid_to) else rated.held_to end as valid_to,
    rated.amount, rated.interval, rated.interval_count, rates.rate
from rated
inner join {{ ref('currency_rate') }} as rates
    on rated.price_currency = rates.currency
    and (rates.valid_from is null or rates.valid_from <= rated.last_rated_on)
    and (rates.valid_to is null or rated.first_rated_on < rates.valid_to)
