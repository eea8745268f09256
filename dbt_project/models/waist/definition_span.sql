-- grain: one row per definition, line and days [valid_from, valid_to) at an unchanged price and rate on which it counts, of whoever it touches
{%- set told = 'definition_number, customer_id, unit, starts_on, price_currency, interval, interval_count, exchange_rate' %}
with company as (
    select * from {{ ref('company') }}
),

counted as (
    select {{ told }}, is_counting, amount, valid_from, valid_to
    from {{ ref('definition_stretch') }}
    union all
    select {{ told }}, base_object <> 'invoices' or amount_left > 0 as is_counting, amount_left as amount, starts_on, counted_to
    from {{ ref('definition_line') }}
    where kind <> 'agreement' and (counted_to is null or starts_on < counted_to)
),

-- the first and the last day whose rates count
rated as (
    select
        counted.*,
        case exchange_rate
            when 'of_day' then valid_from when 'newest' then company.as_of_on else least(starts_on, company.as_of_on)
        end as first_rated_on,
        case exchange_rate
            when 'of_day' then coalesce({{ add_days('valid_to', '-1') }}, date '9999-12-31')
            when 'newest' then company.as_of_on
            else least(starts_on, company.as_of_on)
        end as last_rated_on
    from counted
    cross join company
    -- of a bare comparison DuckDB expects next to no row, and would keep all of them in memory to join the few rates
    where coalesce(valid_from <= company.as_of_on, false)
)

select
    rated.definition_number, rated.customer_id, rated.unit, rated.is_counting,
    rated.valid_from as span_from,
    rated.valid_to as span_to,
    case rated.exchange_rate
        when 'of_day' then greatest(rated.valid_from, coalesce(rates.valid_from, rated.valid_from)) else rated.valid_from
    end as valid_from,
    case rated.exchange_rate when 'of_day' then least(rated.valid_to, rates.valid_to) else rated.valid_to end as valid_to,
    rated.amount, rated.interval, rated.interval_count, rates.rate
from rated
inner join {{ ref('currency_rate') }} as rates
    on rated.price_currency = rates.currency
    and (rates.valid_from is null or rates.valid_from <= rated.last_rated_on)
    and (rates.valid_to is null or rated.first_rated_on < rates.valid_to)
