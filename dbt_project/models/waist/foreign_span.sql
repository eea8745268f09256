-- grain: one row per customer, price in another currency than the reporting one and months [from_number, until_number) at
-- whose ends the customer holds it, of each span; of a credit the months at whose ends the customer is active
with company as (
    select * from {{ ref('company') }}
),

-- of a record that changed its customer, each stay by itself
stretches as (
    select
        coalesce(stays.customer_id, spans.customer_id) as customer_id,
        spans.amount, spans.currency, spans.interval, spans.interval_count,
        greatest(spans.valid_from, stays.valid_from) as valid_from,
        least(spans.valid_to, stays.valid_to) as valid_to
    from {{ ref('paying_span') }} as spans
    cross join company
    left join {{ ref('moved_record') }} as stays on spans.mover = stays.mover
    where spans.currency <> company.reporting_currency
),

spans as (
    select
        stretches.customer_id, stretches.amount, stretches.currency, stretches.interval, stretches.interval_count,
        {{ known_month('stretches.valid_from') }} as from_number,
        case
            when stretches.valid_to <= company.as_of_on then {{ known_month('stretches.valid_to') }} else 1000000
        end as until_number
    from stretches
    cross join company
    where stretches.valid_from <= company.as_of_on
),

active as (
    select customer_id, closing_number as from_number, coalesce(next_closing_number, 1000000) as until_number
    from {{ ref('state_at_month_end') }}
    semi join (select distinct customer_id from stretches where amount < 0) as credited using (customer_id)
    where is_active
),

held as (
    select
        spans.customer_id, spans.amount, spans.currency, spans.interval, spans.interval_count,
        greatest(spans.from_number, active.from_number) as from_number,
        least(spans.until_number, active.until_number) as until_number
    from spans
    left join active
        on spans.amount < 0
        and spans.customer_id = active.customer_id
    where spans.amount > 0
        or active.customer_id is not null
)

select * from held
where from_number < until_number
