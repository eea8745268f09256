-- grain: one row per line, days at one price and rate, and run of months in which they earn the same: whole months, or one
-- that they cover in part, [month_from, month_to)
-- Days that only a grace period bridges earn nothing, as they bill nothing.
with company as (
    select * from {{ ref('company') }}
),

covered as (
    select
        spans.customer_id, spans.mover, spans.amount, spans.interval, spans.interval_count,
        prices.rate, prices.mrr_value, company.reporting_currency,
        greatest(spans.valid_from, coalesce(prices.rate_from, spans.valid_from)) as covered_from,
        least(
            coalesce(spans.valid_to, date '9999-12-31'), coalesce(prices.rate_to, date '9999-12-31'),
            {{ add_days('company.as_of_on', '1') }}
        ) as covered_to
    from {{ ref('priced_stretch') }} as spans
    cross join company
    inner join {{ ref('price_value') }} as prices
        on {{ same_price('spans', 'prices') }}
        and (prices.rate_to is null or spans.valid_from < prices.rate_to)
        and (prices.rate_from is null or spans.valid_to is null or prices.rate_from < spans.valid_to)
),

bounded as (
    select
        *,
        {{ month_from('covered_from') }} as whole_from,
        {{ month_of('covered_to') }} as whole_to
    from covered
    where covered_from < covered_to
),

parts as (
    select
        bounded.*,
        parts.part = 'whole' as is_whole,
        case parts.part when 'first' then covered_from when 'whole' then whole_from else whole_to end as first_on,
        case parts.part when 'first' then least(covered_to, whole_from) when 'whole' then whole_to else covered_to end
            as end_on
    from bounded
    cross join (values ('first'), ('whole'), ('last')) as parts (part)
    where case parts.part
        when 'first' then covered_from < whole_from
        when 'whole' then whole_from < whole_to
        else whole_from <= whole_to and whole_to < covered_to
    end
),

valued as (
    select
        customer_id,
        mover,
        first_on,
        {{ month_of('first_on') }} as month_from,
        case when is_whole then end_on else {{ add_months(month_of('first_on'), '1') }} end as month_to,
        case
            when is_whole then mrr_value
            else {{ value_of(
                'amount', 'rate', 'interval', 'interval_count', 'mrr', 'reporting_currency',
                days=days_between('first_on', 'end_on'), of_days='day(last_day(first_on))'
            ) }}
        end as value
    from parts
)

select * from valued
