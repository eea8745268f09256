-- grain: one row per customer and closings [from_closing, until_closing) of twelve months at which its opening and closing
-- states are the same
-- A state holds at the closes from its month on, and at the openings of windows that close twelve months later.
{%- set held = ['is_active', 'segment_number', 'mrr', 'annualised', 'trailing_12m', 'first_number'] %}
{%- set rates = ['mrr', 'annualised'] %}
{%- set in_order = 'partition by customer_id order by closing_number, side' %}
with ends as (
    select * from (values (false), (true)) as e (is_end)
),

rate_changes as (
    select
        added.customer_id,
        case when ends.is_end then added.until_number else added.from_number end as closing_number,
        sum(case when ends.is_end then -added.mrr else added.mrr end) as mrr,
        sum(case when ends.is_end then -added.annualised else added.annualised end) as annualised
    from {{ ref('value_by_rates') }} as added
    cross join ends
    where added.months = 12
    group by added.customer_id, case when ends.is_end then added.until_number else added.from_number end
),

by_rates as (
    select
        customer_id,
        closing_number,
        cast(sum(mrr) over so_far as decimal(18, 4)) as mrr,
        cast(sum(annualised) over so_far as decimal(18, 4)) as annualised
    from rate_changes
    window so_far as (partition by customer_id order by closing_number)
),

sides as (
    select
        states.customer_id,
        states.closing_number + case when ends.is_end then 12 else 0 end as closing_number,
        cast(ends.is_end as integer) as side,
        case when ends.is_end then {{ packed(held) }} end as opened,
        case when not ends.is_end then {{ packed(held) }} end as closed,
        case when false then {{ packed(rates) }} end as by_rates
    from {{ ref('state_at_month_end') }} as states
    cross join ends
    union all
    select
        customer_id, closing_number, 2 as side, null as opened, null as closed,
        {{ packed(rates) }} as by_rates
    from by_rates
    union all
    -- a year of purchases is behind who was first active twelve months before the opening
    select customer_id, first_number + 24 as closing_number, 3 as side, null as opened, null as closed, null as by_rates
    from {{ ref('state_at_month_end') }}
    where closing_number = first_number
),

running as (
    select
        closing_number as from_closing,
        lead(closing_number) over ({{ in_order }}) as until_closing,
        {{ last_known('opened', in_order) }} as opened,
        {{ last_known('closed', in_order) }} as closed,
        {{ last_known('by_rates', in_order) }} as by_rates
    from sides
    qualify lead(closing_number) over ({{ in_order }}) is distinct from closing_number
),

pairs as (
    select
        from_closing,
        until_closing,
        closed.first_number,
        opened.segment_number as opening_segment,
        closed.segment_number as closing_segment,
        cast(null as integer) as opening_band,
        cast(null as integer) as closing_band,
        coalesce(opened.is_active, false) as was_active,
        coalesce(closed.is_active, false) as is_active,
        {%- for basis in ['mrr', 'annualised', 'trailing_12m'] %}
        coalesce(opened.{{ basis }}, 0) as {{ basis }}_opening,
        coalesce(closed.{{ basis }}, 0) as {{ basis }}_closing,
        {%- endfor %}
        coalesce(by_rates.mrr, 0) as mrr_by_rates,
        coalesce(by_rates.annualised, 0) as annualised_by_rates,
        cast(0 as decimal(18, 4)) as trailing_12m_by_rates
    from running
),

compared as (
    select *, {{ yearly_baseline('was_active', 'is_active', 'first_number + 24 <= from_closing') }} as baseline_value
    from pairs
    where was_active or is_active
)

select
    'twelve_months' as window_kind, from_closing, until_closing,
    cast(null as string) as came, cast(null as string) as went,
    {{ behaviour_against('baseline_value', 'is_active') }} as behaviour,
    baseline_value,
    {{ held_values() }}
from compared
cross join {{ ref('company') }} as company
