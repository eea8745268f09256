-- grain: one row per customer and day it was lost, with the most it was worth at the end of any of the twelve months'
-- days before, or at the last instant before it left
{%- set bases = ['mrr', 'annualised', 'trailing_12m'] %}
with losses as (
    select customer_id, moved_on, {{ on_each_basis('$_value') }}
    from {{ ref('movement') }}
    where movement = 'lost'
),

-- what a customer was worth before its first step of a day it was worth at the end of the days up to that one
evenings as (
    select customer_id, day, {% for basis in bases %}{{ basis }}_before{{ ', ' if not loop.last }}{% endfor %}
    from {{ ref('ledger') }}
    semi join losses using (customer_id)
    qualify row_number() over (partition by customer_id, day order by step) = 1
),

peaks as (
    select
        losses.customer_id,
        losses.moved_on,
        {% for basis in bases -%}
        cast(greatest(
            max(losses.{{ basis }}_value), max(evenings.{{ basis }}_before)
        ) as decimal(18, 4)) as peak_{{ basis }}_value{{ ',' if not loop.last }}
        {% endfor %}
    from losses
    inner join evenings
        on losses.customer_id = evenings.customer_id
        and evenings.day > {{ add_months('losses.moved_on', '-12') }}
        and evenings.day <= losses.moved_on
    group by losses.customer_id, losses.moved_on
)

select * from peaks
