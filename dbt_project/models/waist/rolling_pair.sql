-- grain: one row per customer and closings [from_closing, until_closing) of twelve months at which its opening and closing
-- states are the same
-- A change counts at the close of its month, and at the opening of the window that closes twelve months later.
{%- set bases = ['mrr', 'annualised', 'trailing_12m'] %}
with sides as (
    select * from (values (false), (true)) as s (is_opening)
),

changes as (
    select
        states.customer_id,
        states.closing_number + case when sides.is_opening then 12 else 0 end as closing_number,
        sides.is_opening,
        states.segment_number,
        cast(states.is_active as integer) - cast(states.was_active as integer) as active,
        {%- for basis in bases %}
        states.{{ basis }} - states.earlier_{{ basis }} as {{ basis }},
        {%- endfor %}
        cast(0 as decimal(18, 4)) as mrr_by_rates,
        cast(0 as decimal(18, 4)) as annualised_by_rates,
        states.first_number
    from {{ ref('state_at_month_end') }} as states
    cross join sides
    union all
    -- a year of purchases is behind who was first active twelve months before the opening
    select
        customer_id, first_number + 24 as closing_number, false as is_opening, cast(null as integer) as segment_number,
        0 as active, 0 as mrr, 0 as annualised, 0 as trailing_12m, 0 as mrr_by_rates, 0 as annualised_by_rates,
        first_number
    from {{ ref('state_at_month_end') }}
    where closing_number = first_number
    union all
    select
        added.customer_id, case when sides.is_opening then added.until_number else added.from_number end
            as closing_number,
        false as is_opening, cast(null as integer) as segment_number, 0 as active, 0 as mrr, 0 as annualised,
        0 as trailing_12m,
        case when sides.is_opening then -added.mrr else added.mrr end as mrr_by_rates,
        case when sides.is_opening then -added.annualised else added.annualised end as annualised_by_rates,
        cast(null as integer) as first_number
    from {{ ref('value_by_rates') }} as added
    cross join sides
    where added.months = 12
),

running as (
    select
        closing_number as from_closing,
        lead(closing_number) over so_far as until_closing,
        max(first_number) over so_far as first_number,
        max(case when is_opening then closing_number * 10000 + segment_number end) over so_far % 10000
            as opening_segment,
        max(case when not is_opening then closing_number * 10000 + segment_number end) over so_far % 10000
            as closing_segment,
        {%- for side in ['opening', 'closing'] %}
        {%- set on_side = 'is_opening' if side == 'opening' else 'not is_opening' %}
        sum(case when {{ on_side }} then active else 0 end) over so_far > 0
            as {{ 'was_active' if side == 'opening' else 'is_active' }},
        {%- for basis in bases %}
        cast(sum(case when {{ on_side }} then {{ basis }} else 0 end) over so_far as decimal(18, 4))
            as {{ basis }}_{{ side }},
        {%- endfor %}
        {%- endfor %}
        cast(sum(mrr_by_rates) over so_far as decimal(18, 4)) as mrr_by_rates,
        cast(sum(annualised_by_rates) over so_far as decimal(18, 4)) as annualised_by_rates,
        cast(0 as decimal(18, 4)) as trailing_12m_by_rates
    from changes
    -- those of one month together
    window so_far as (partition by customer_id order by closing_number)
    qualify lead(closing_number) over so_far is distinct from closing_number
),

compared as (
    select
        *,
        cast(null as integer) as opening_band,
        cast(null as integer) as closing_band,
        {{ yearly_baseline('was_active', 'is_active', 'first_number + 24 <= from_closing') }} as baseline_value
    from running
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
