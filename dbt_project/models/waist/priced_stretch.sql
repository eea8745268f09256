-- grain: one row per customer, line and days that are billed without a break at one price, [valid_from, valid_to)
-- A trial or a pause that counts earns nothing. A source may cut a contract where nothing changes; a month is not earned in two parts for that.
{%- set line = 'vendor, system, customer_id, mover, line_ref' %}
{%- set price = 'amount, currency, interval, interval_count' %}
with followed as (
    select
        {{ line }}, {{ price }}, valid_from, source_ref, billed_to,
        case
            when lag(billed_to) over (partition by {{ line }}, {{ price }} order by valid_from, source_ref) = valid_from then 0
            else 1
        end as begins
    from {{ ref('paying_span') }}
    where is_billed
),

numbered as (
    select
        *,
        sum(begins) over (
            partition by {{ line }}, {{ price }} order by valid_from, source_ref
            rows between unbounded preceding and current row
        ) as nth
    from followed
),

joined as (
    select
        customer_id, mover, {{ price }},
        min(valid_from) as valid_from,
        case when count(billed_to) = count(*) then max(billed_to) end as valid_to
    from numbered
    group by {{ line }}, {{ price }}, nth
)

select * from joined
