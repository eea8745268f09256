-- grain: one row per window and way in which customers went from its opening to its closing, with their number and values
{%- set sums = ['opening', 'closing', 'cohort', 'retained', 'protected'] %}
with told as (
    select
        windows.window_kind, windows.closing_number,
        opened_in.segment as opening_segment, closed_in.segment as closing_segment,
        sums.opening_band, sums.closing_band, sums.came, sums.went, sums.behaviour,
        cast(sum(sums.baseline_value) as decimal(18, 4)) as baseline_value,
        {%- for column in ['opening_customers', 'closing_customers', 'kept_customers'] %}
        cast(sum(sums.{{ column }}) as bigint) as {{ column }},
        {%- endfor %}
        {%- for basis in ['mrr', 'annualised', 'trailing_12m'] %}
        {%- for sum in sums %}
        cast(sum(sums.{{ basis }}_{{ sum }}) as decimal(18, 4)) as {{ basis }}_{{ sum }}{{ ',' if not loop.last }}
        {%- endfor %}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('held_window') }} as windows
    inner join {{ ref('held_sum') }} as sums
        on windows.window_kind = sums.window_kind
        and sums.from_closing <= windows.closing_number
        and windows.closing_number < sums.until_closing
    left join {{ ref('segment_seen') }} as opened_in on sums.opening_segment = opened_in.segment_number
    left join {{ ref('segment_seen') }} as closed_in on sums.closing_segment = closed_in.segment_number
    group by
        windows.window_kind, windows.closing_number, opened_in.segment, closed_in.segment, sums.opening_band,
        sums.closing_band, sums.came, sums.went, sums.behaviour
)

select * from told
