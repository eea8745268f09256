-- grain: one row per kind of window, closings [from_closing, until_closing) and way in which customers went from opening to
-- closing: segments, bands, how they came or went, and behaviour; with their number and values
{%- set told = ['opening_customers', 'closing_customers', 'kept_customers'] %}
{%- set sums = ['opening', 'closing', 'cohort', 'retained', 'protected'] %}
{%- set bases = ['mrr', 'annualised', 'trailing_12m'] %}
{%- set columns %}
        window_kind, from_closing, until_closing, opening_segment, closing_segment, opening_band, closing_band, came, went,
        behaviour, baseline_value, {{ told | join(', ') }}
        {%- for basis in bases %},
        {% for sum in sums %}{{ basis }}_{{ sum }}{{ ', ' if not loop.last }}{% endfor %}
        {%- endfor %}
{%- endset %}
with pairs as (
    select 1 as weight, {{ columns }}
    from {{ ref('period_pair') }}
    union all
    select 1 as weight, {{ columns }}
    from {{ ref('rolling_pair') }}
    union all
    select weight, {{ columns }}
    from {{ ref('tied_pair') }}
),

summed as (
    select
        window_kind, from_closing, coalesce(until_closing, 1000000) as until_closing, opening_segment, closing_segment,
        opening_band, closing_band, came, went, behaviour,
        cast(sum(weight * baseline_value) as decimal(18, 4)) as baseline_value,
        {%- for column in told %}
        cast(sum(weight * {{ column }}) as bigint) as {{ column }},
        {%- endfor %}
        {%- for basis in bases %}
        {%- for sum in sums %}
        cast(sum(weight * {{ basis }}_{{ sum }}) as decimal(18, 4)) as {{ basis }}_{{ sum }}
        {{- ',' if not loop.last }}
        {%- endfor %}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from pairs
    group by
        window_kind, from_closing, coalesce(until_closing, 1000000), opening_segment, closing_segment, opening_band,
        closing_band, came, went, behaviour
)

select * from summed
