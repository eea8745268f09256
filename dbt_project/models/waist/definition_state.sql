-- grain: one row per definition, unit that it counts and day on which anything of it changes: what it was before and is after
with company as (
    select * from {{ ref('company') }}
),

rated as (
    select
        spans.definition_number, spans.customer_id, spans.unit, spans.valid_from, spans.valid_to, spans.is_counting,
        case spans.exchange_rate
            when 'of_day' then greatest(spans.valid_from, coalesce(rates.valid_from, spans.valid_from)) else spans.valid_from
        end as held_from,
        case spans.exchange_rate when 'of_day' then least(spans.valid_to, rates.valid_to) else spans.valid_to end as held_to,
        {{ value_of(
            'spans.amount', 'rates.rate', 'spans.interval', 'spans.interval_count', 'mrr', 'company.reporting_currency'
        ) }} as value
    from {{ ref('definition_span') }} as spans
    cross join company
    inner join {{ ref('currency_rate') }} as rates
        on coalesce(spans.currency, company.reporting_currency) = rates.currency
        and (
            rates.valid_from is null
            or case spans.exchange_rate
                when 'newest' then rates.valid_from <= company.as_of_on
                when 'first' then rates.valid_from <= least(spans.agreed_from, company.as_of_on)
                else spans.valid_to is null or rates.valid_from < spans.valid_to
            end
        )
        and (
            rates.valid_to is null
            or case spans.exchange_rate
                when 'newest' then company.as_of_on < rates.valid_to
                when 'first' then least(spans.agreed_from, company.as_of_on) < rates.valid_to
                else spans.valid_from < rates.valid_to
            end
        )
    where spans.valid_from <= company.as_of_on
),

changes as (
    select
        rated.definition_number, rated.customer_id, rated.unit,
        case when ends.is_end then rated.held_to else rated.held_from end as day,
        case when ends.is_end then -rated.value else rated.value end as value,
        case
            when not rated.is_counting then 0
            when ends.is_end and rated.held_to = rated.valid_to then -1
            when not ends.is_end and rated.held_from = rated.valid_from then 1
            else 0
        end as activity
    from rated
    cross join (values (false), (true)) as ends (is_end)
),

daily as (
    select
        definition_number, customer_id, unit, day,
        cast(sum(value) as decimal(18, 4)) as value,
        cast(sum(activity) as integer) as activity
    from changes
    where day is not null
    group by definition_number, customer_id, unit, day
),

running as (
    select
        *,
        cast(sum(value) over so_far as decimal(18, 4)) as value_sum,
        sum(activity) over so_far as activity_sum
    from daily
    where day <= (select as_of_on from company)
    window so_far as (
        partition by definition_number, customer_id, unit order by day rows between unbounded preceding and current row
    )
),

states as (
    select
        definition_number, customer_id, unit, day,
        activity_sum > 0 as is_active,
        activity_sum - activity > 0 as was_active,
        case when activity_sum > 0 then value_sum else 0 end as value,
        case when activity_sum - activity > 0 then cast(value_sum - value as decimal(18, 4)) else 0 end as earlier_value
    from running
)

select
    *,
    min(case when is_active then day end) over (partition by definition_number, customer_id, unit) as first_active_on,
    max(case when was_active and not is_active then day end) over (
        partition by definition_number, customer_id, unit order by day rows between unbounded preceding and 1 preceding
    ) as last_lost_on
from states
