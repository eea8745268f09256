-- grain: one row per period, segment (and `all`) and reason for which customers were lost
with losses as (
    select * from {{ ref('value_movement') }}
    where movement = 'lost'
),

by_segment as (
    select moved_on, segment, reason, loss_kind, mrr_value, annualised_value, trailing_12m_value from losses
    union all
    select moved_on, 'all' as segment, reason, loss_kind, mrr_value, annualised_value, trailing_12m_value from losses
),

counted as (
    select
        periods.period_kind,
        periods.period_start,
        periods.is_provisional,
        by_segment.segment,
        by_segment.reason,
        by_segment.loss_kind,
        cast(count(*) as bigint) as lost_customers,
        cast(sum(by_segment.mrr_value) as decimal(18, 4)) as mrr_value,
        cast(sum(by_segment.annualised_value) as decimal(18, 4)) as annualised_value,
        cast(sum(by_segment.trailing_12m_value) as decimal(18, 4)) as trailing_12m_value
    from by_segment
    inner join {{ ref('calendar') }} as periods
        on by_segment.moved_on >= periods.period_start
        and by_segment.moved_on < periods.next_period_start
    group by all
),

known as (
    select
        period_kind, period_start, segment, reason,
        cast(row_number() over (
            partition by period_kind, period_start, segment
            order by lost_customers desc, mrr_value desc, trailing_12m_value desc, reason
        ) as integer) as rank_by_volume,
        cast(row_number() over (
            partition by period_kind, period_start, segment
            order by mrr_value desc, trailing_12m_value desc, lost_customers desc, reason
        ) as integer) as rank_by_value
    from counted
    where reason <> 'unknown'
)

select
    counted.period_kind, counted.period_start, counted.segment, counted.reason,
    (select reporting_currency from {{ ref('company') }}) as currency,
    counted.lost_customers, counted.mrr_value, counted.annualised_value, counted.trailing_12m_value,
    known.rank_by_volume, known.rank_by_value,
    1 as definition_version, counted.is_provisional, counted.loss_kind
from counted
left join known using (period_kind, period_start, segment, reason)
