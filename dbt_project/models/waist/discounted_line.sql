-- grain: one row per recurring line of an agreement with discounts, stretch of days on which the same ones are in force, and
-- choice of kinds of lines that counts it
-- Shares are taken before amounts, each share from what the one before left. An amount of the agreement as a whole is
-- spread over its lines by their prices, to the currency's minor unit and exact in sum; what is not counted takes no part of
-- it. Nothing falls below 0.
{%- set line = 'counted_kinds, vendor, system, agreement_ref, line_ref, line_starts_on, starts_on, ends_on, list_amount, currency, interval, '
    ~ 'interval_count' %}
with choices as (
    select * from (values ('recurring', true, false), ('one_off', false, true), ('every', true, true))
        as c (taken, takes_recurring, takes_one_off)
),

discounts as (
    select
        in_force.*,
        kinds.counted_kinds,
        choices.taken,
        case when in_force.is_one_off then choices.takes_one_off else choices.takes_recurring end as is_taken
    from {{ ref('discount_in_force') }} as in_force
    cross join choices
    cross join {{ ref('counted_kind') }} as kinds
    where (kinds.takes_trials or not in_force.is_trial)
        and (kinds.takes_paused or not in_force.is_paused)
        and (kinds.takes_metered or not in_force.is_metered)
),

summed as (
    select
        {{ line }}, taken,
        count(percent) filter (where is_taken) as percentages,
        {{ kept_of('case when is_taken then percent end') }} as kept,
        cast(coalesce(sum(amount_off) filter (where is_taken and not is_shared), 0) as decimal(18, 4)) as own_off,
        cast(coalesce(sum(amount_off) filter (where is_taken and is_shared), 0) as decimal(18, 4)) as shared_off
    from discounts
    group by {{ line }}, taken
),

reduced as (
    select
        *,
        cast(greatest(case
            when percentages = 0 then list_amount else {{ rounded_share('list_amount', 'kept', '1', '1', 'currency') }}
        end - own_off, 0) as decimal(18, 4)) as price,
        -- an amount is taken once an interval: of lines of other intervals than the first one's it takes nothing
        summed.interval = first_value(summed.interval) over agreement
        and summed.interval_count = first_value(summed.interval_count) over agreement as is_of_first_interval
    from summed
    window agreement as (
        partition by vendor, system, agreement_ref, starts_on, counted_kinds, taken order by line_ref, line_starts_on
    )
),

totalled as (
    select
        *,
        cast(sum(price) over so_far as decimal(18, 4)) as price_so_far,
        cast(sum(price) over agreement as decimal(18, 4)) as price_of_all
    from reduced
    window
        agreement as (
            partition by vendor, system, agreement_ref, starts_on, counted_kinds, taken, is_of_first_interval
        ),
        so_far as (
            partition by vendor, system, agreement_ref, starts_on, counted_kinds, taken, is_of_first_interval
            order by line_ref, line_starts_on rows between unbounded preceding and current row
        )
),

spread as (
    select
        *,
        case when is_of_first_interval then least(shared_off, price_of_all) else 0 end as off
    from totalled
),

priced as (
    select
        *,
        cast(case
            when off = 0 then price
            when off = price_of_all then 0
            else greatest(price
                - {{ rounded_share('price_so_far', '1', whole('off', 4), whole('price_of_all', 4), 'currency') }}
                + {{ rounded_share('price_so_far - price', '1', whole('off', 4), whole('price_of_all', 4), 'currency') }}, 0)
        end as decimal(18, 4)) as left_over
    from spread
)

select
    vendor, system, line_ref, line_starts_on, starts_on, ends_on, counted_kinds,
    {%- for taken in ['recurring', 'one_off', 'every'] %}
    cast(max(case taken when '{{ taken }}' then list_amount - left_over end) as decimal(18, 4)) as {{ taken }}_discount{{ ',' if not loop.last }}
    {%- endfor %}
from priced
group by vendor, system, line_ref, line_starts_on, starts_on, ends_on, counted_kinds
