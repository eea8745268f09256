-- grain: one row per customer, day, movement and segment
with movements as (
    select * from {{ ref('movement') }}
    where movement <> 'opening'
)

select
    movements.customer_id,
    movements.moved_on,
    movements.movement,
    movements.segment,
    company.reporting_currency as currency,
    movements.mrr_value,
    movements.annualised_value,
    movements.trailing_12m_value,
    case when movements.movement = 'lost' then peaks.peak_mrr_value end as peak_mrr_value,
    case when movements.movement = 'lost' then peaks.peak_annualised_value end as peak_annualised_value,
    case when movements.movement = 'lost' then peaks.peak_trailing_12m_value end as peak_trailing_12m_value,
    case when movements.movement = 'lost' then coalesce(statements.reason, 'unknown') end as reason,
    1 as definition_version,
    movements.moved_on >= coalesce((
        select max(period_start) from {{ ref('calendar') }} where period_kind = 'month' and is_provisional
    ), date '9999-12-31') as is_provisional,
    case when movements.movement = 'lost' then coalesce(statements.loss_kind, 'unknown') end as loss_kind,
    case
        when movements.movement in ('expansion', 'contraction')
            and (movements.mrr_value <> 0 or movements.annualised_value <> 0)
            and discounts.changed_on is not null then 'price'
    end as cause
from movements
cross join {{ ref('company') }} as company
left join {{ ref('loss_statement') }} as statements using (customer_id, moved_on)
left join {{ ref('loss_peak') }} as peaks using (customer_id, moved_on)
left join {{ ref('discount_change') }} as discounts
    on movements.customer_id = discounts.customer_id
    and movements.moved_on = discounts.changed_on
