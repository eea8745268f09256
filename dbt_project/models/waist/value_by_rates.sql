-- grain: one row per customer, length of windows and months [from_number, until_number) at whose ends they close, of each
-- of its spans: what the rates of the opening would add to what the customer is worth at the close
with company as (
    select * from {{ ref('company') }}
),

prices as (
    select distinct amount, currency, interval, interval_count
    from {{ ref('foreign_span') }}
),

moved_prices as (
    select
        moves.months, moves.from_number, moves.until_number,
        prices.amount, prices.currency, prices.interval, prices.interval_count,
        {%- for basis in ['mrr', 'annualised'] %}
        cast({{ value_of(
            'prices.amount', 'moves.opening_rate', 'prices.interval', 'prices.interval_count', basis,
            'company.reporting_currency'
        ) }} - {{ value_of(
            'prices.amount', 'moves.closing_rate', 'prices.interval', 'prices.interval_count', basis,
            'company.reporting_currency'
        ) }} as decimal(18, 4)) as {{ basis }}{{ ',' if not loop.last }}
        {%- endfor %}
    from prices
    inner join {{ ref('rate_move') }} as moves on prices.currency = moves.currency
    cross join company
),

added as (
    select
        spans.customer_id,
        moves.months,
        greatest(spans.from_number, moves.from_number) as from_number,
        least(spans.until_number, moves.until_number) as until_number,
        moves.mrr,
        moves.annualised
    from {{ ref('foreign_span') }} as spans
    inner join moved_prices as moves
        on {{ same_price('spans', 'moves') }}
        and spans.from_number < moves.until_number
        and moves.from_number < spans.until_number
)

select * from added
