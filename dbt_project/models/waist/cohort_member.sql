-- grain: one row per customer that was ever new: when, in which segment and worth what
with news as (
    select
        movements.customer_id,
        coalesce(known.tied_to, movements.customer_id) as unit_id,
        known.tied_to is not null as is_tied,
        movements.moved_on as new_on,
        {{ month_number('movements.moved_on') }} as cohort_number,
        movements.segment,
        movements.mrr_value, movements.annualised_value, movements.trailing_12m_value
    from {{ ref('movement') }} as movements
    left join {{ ref('known_as') }} as known using (customer_id)
    where movements.movement = 'new'
),

members as (
    select *, min(new_on) over (partition by unit_id) as rates_on
    from news
)

select * from members
