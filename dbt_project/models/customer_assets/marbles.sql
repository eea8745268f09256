-- grain: one row per period and segment (and `all`)
-- One size of marble for both bowls: the least of 1, 2, 5, 10, 20, 50, … for which the fuller one holds at most fifty.
{%- set most = 50 %}
with flows as (
    select
        period_kind, period_start, segment, is_provisional,
        cast(new_customers + won_back_customers as bigint) as customers_in,
        lost_customers as customers_out
    from {{ ref('customer_math') }}
    where value_basis = 'mrr'
),

sized as (
    select
        *,
        cast(case
            {%- for size in [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000, 1000000] %}
            when greatest(customers_in, customers_out) <= {{ most * size }} then {{ size }}
            {%- endfor %}
            else 2000000
        end as bigint) as marble_size
    from flows
),

filled as (
    select
        *,
        cast({{ whole_division('2 * customers_in + marble_size', '2 * marble_size') }} as bigint) as marbles_in,
        cast({{ whole_division('2 * customers_out + marble_size', '2 * marble_size') }} as bigint) as marbles_out
    from sized
)

select
    period_kind, period_start, segment, marble_size, marbles_in, marbles_out, customers_in, customers_out,
    marbles_in = marbles_out and customers_in <> customers_out as is_tie_by_rounding,
    1 as definition_version,
    is_provisional
from filled
