-- grain: one row per price and exchange rate that some definition counts, with what it is worth a month
-- Prices are few and spans are many, so a price is valued once for all who pay it.
with prices as (
    select distinct amount, interval, interval_count, rate
    from {{ ref('definition_span') }}
)

select
    prices.*,
    {{ value_of('amount', 'rate', 'interval', 'interval_count', 'mrr', 'company.reporting_currency') }} as value
from prices
cross join {{ ref('company') }} as company
