{#- What customers are worth where a window opens and where it closes: months as numbers, and the columns of a pair. -#}

{#- A day's month, counted from the year 0, so that months can be added. -#}
{% macro month_number(day) %}{{ return("cast(year(" ~ day ~ ") * 12 + month(" ~ day ~ ") - 1 as integer)") }}{% endmacro %}

{#- The same; 0 for the days up to the one on which history starts, whose end is the first opening. -#}
{% macro known_month(day) -%}
    case when {{ day }} <= company.history_starts_on then 0 else {{ month_number(day) }} end
{%- endmacro %}

{#- After a CTE `company`: the rates of other currencies than the reporting one as a CTE `rates`, by days and by the months
    [from_number, until_number) at whose ends they hold. -#}
{% macro foreign_rates() -%}
rates as (
    select
        rates.currency,
        rates.rate,
        rates.valid_from,
        coalesce(rates.valid_to, date '9999-12-31') as valid_to,
        lag(rates.valid_from) over (partition by rates.currency order by rates.valid_from) is null as is_first,
        {{ known_month('rates.valid_from') }} as from_number,
        case
            when rates.valid_to <= company.as_of_on then {{ known_month('rates.valid_to') }} else 1000000
        end as until_number
    from {{ ref('currency_rate') }} as rates
    cross join company
    where rates.currency <> company.reporting_currency
        and rates.valid_from <= company.as_of_on
)
{%- endmacro %}

{#- The last month of the quarter (3 months) or fiscal year (12) that a month is in. -#}
{% macro closing_month(number, months) -%}
    case when {{ number }} = 0 then 0 else cast(
        {{ number }} + {{ months }} - 1 - ({{ number }} + 13 - company.fiscal_year_starts_in) % 12 % {{ months }} as integer
    ) end
{%- endmacro %}

{#- States at the ends of longer periods from those at the ends of shorter ones: the last one of each counts. -#}
{% macro states_at_end_of(months, shorter) -%}
with placed as (
    select states.*, {{ closing_month('states.closing_number', months) }} as period_number
    from {{ ref(shorter) }} as states
    cross join {{ ref('company') }} as company
),

last_states as (
    select
        customer_id, period_number as closing_number, segment_number, band_number, is_active, mrr, annualised,
        trailing_12m, new_number, first_number
    from placed
    qualify lead(period_number) over (
        partition by customer_id order by closing_number
    ) is distinct from period_number
),

{{ followed_states('last_states') }}
{%- endmacro %}

{#- Each state beside the one before it and the closing at which it changes again. -#}
{% macro followed_states(states) -%}
followed as (
    select
        *,
        lead(closing_number) over following as next_closing_number,
        lag(segment_number) over following as earlier_segment_number,
        lag(band_number) over following as earlier_band_number,
        coalesce(lag(is_active) over following, false) as was_active,
        {%- for basis in ['mrr', 'annualised', 'trailing_12m'] %}
        coalesce(lag({{ basis }}) over following, 0) as earlier_{{ basis }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ states }}
    window following as (partition by customer_id order by closing_number)
)

select * from followed
{%- endmacro %}

{#- In a select list: a customer at the opening and at the closing of a window, as both are told. From was_active, is_active, the
    segments and bands of both and, of each basis, its value at both and what the rates of the opening would add at the closing.
    Nobody is worth less than nothing in what is kept of an opening. -#}
{% macro held_values() -%}
    {%- for place in ['segment', 'band'] %}
    case when was_active then opening_{{ place }} end as opening_{{ place }},
    case when is_active then closing_{{ place }} end as closing_{{ place }},
    {%- endfor %}
    cast(was_active as integer) as opening_customers,
    cast(is_active as integer) as closing_customers,
    cast(was_active and is_active as integer) as kept_customers,
    {%- for basis in ['mrr', 'annualised', 'trailing_12m'] %}
    {{ basis }}_opening,
    {{ basis }}_closing,
    cast(greatest({{ basis }}_opening, 0) as decimal(18, 4)) as {{ basis }}_cohort,
    cast(
        case when was_active and is_active then greatest({{ basis }}_closing + {{ basis }}_by_rates, 0) else 0 end
        as decimal(18, 4)
    ) as {{ basis }}_retained,
    cast(
        case
            when was_active and is_active
                then least(greatest({{ basis }}_closing + {{ basis }}_by_rates, 0), greatest({{ basis }}_opening, 0))
            else 0
        end as decimal(18, 4)
    ) as {{ basis }}_protected{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- What was worth a year what at the opening, to be compared with the closing; null where nothing can be compared. Of whoever
    has no contract, what it was billed in twelve months, once it `has_bought_a_year` before the opening. -#}
{% macro yearly_baseline(opens, closes, has_bought_a_year, of='') -%}
    case
        when {{ opens }} and {{ closes }} and {{ of }}annualised_opening > 0 then {{ of }}annualised_opening
        when {{ opens }} and {{ closes }} and {{ of }}annualised_opening = 0 and {{ of }}annualised_closing = 0
            and {{ of }}trailing_12m_opening > 0 and {{ has_bought_a_year }} then {{ of }}trailing_12m_opening
    end
{%- endmacro %}

{#- Whether what is worth something a year at the closing is up, down or flat against its `baseline`, or has none. -#}
{% macro behaviour_against(baseline, closes, of='') -%}
    {%- set now -%}
    case
        when {{ of }}annualised_opening > 0 then {{ of }}annualised_closing + {{ of }}annualised_by_rates
        else {{ of }}trailing_12m_closing
    end
    {%- endset -%}
    case
        when not {{ closes }} then cast(null as string)
        when {{ baseline }} is null then 'no_baseline'
        when 100 * cast({{ now }} as decimal(26, 4)) > (100 + company.behaviour_shift_percent) * cast({{ baseline }} as decimal(26, 4)) then 'up'
        when 100 * cast({{ now }} as decimal(26, 4)) < (100 - company.behaviour_shift_percent) * cast({{ baseline }} as decimal(26, 4)) then 'down'
        else 'flat'
    end
{%- endmacro %}

{#- The churn of a year all of whose months (or quarters) are like this one: 1 - kept^12 (or ^4); a year's is its own. By
    multiplications of doubles in one order, half up to 6 places. -#}
{% macro annual_churn(kept, opened, kind) -%}
    {%- set share = "(cast(" ~ kept ~ " as double) / nullif(cast(" ~ opened ~ " as double), 0))" -%}
    {%- set cube = "(" ~ share ~ " * " ~ share ~ " * " ~ share ~ ")" -%}
    cast(cast(floor((1 - case {{ kind }}
        when 'month' then {{ cube }} * {{ cube }} * ({{ cube }} * {{ cube }})
        when 'quarter' then {{ cube }} * {{ share }}
        else {{ share }}
    end) * 1000000 + 0.5) as bigint) * cast(0.000001 as decimal(7, 6)) as decimal(18, 6))
{%- endmacro %}

{#- After a CTE `moves` (columns `keys`, mover, moved_on, earlier_customer_id and customer_id): CTEs up to `tied`, one row per key and
    customer with the smallest id, `tied_to`, of those that hand-overs of one key tie together. It spreads from hand-over to
    hand-over; chains of more hops than these fall into several groups. -#}
{% macro tied_together(keys) -%}
{%- set hops = 6 %}
{%- set comma = ', ' if keys else '' %}
hop_0 as (
    select
        {{ keys }}{{ comma }}mover, moved_on, earlier_customer_id as customer_id,
        least(earlier_customer_id, customer_id) as tied_to
    from moves
    union all
    select
        {{ keys }}{{ comma }}mover, moved_on, customer_id, least(earlier_customer_id, customer_id) as tied_to
    from moves
),

{%- for hop in range(1, hops + 1) %}

at_customer_{{ hop }} as (
    select
        {{ keys }}{{ comma }}mover, moved_on, customer_id,
        min(tied_to) over (partition by {{ keys }}{{ comma }}customer_id) as tied_to
    from hop_{{ hop - 1 }}
),

hop_{{ hop }} as (
    select
        {{ keys }}{{ comma }}mover, moved_on, customer_id,
        min(tied_to) over (partition by {{ keys }}{{ comma }}mover, moved_on) as tied_to
    from at_customer_{{ hop }}
),
{%- endfor %}

tied as (
    select {{ keys }}{{ comma }}customer_id, min(tied_to) as tied_to
    from hop_{{ hops }}
    group by {{ keys }}{{ comma }}customer_id
)
{%- endmacro %}

{#- Columns as one value, so that a window goes over them once. -#}
{% macro packed(columns) %}{{ return(adapter.dispatch('packed')(columns)) }}{% endmacro %}
{% macro duckdb__packed(columns) -%}
    struct_pack({% for column in columns %}{{ column }} := {{ column }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}
{% macro spark__packed(columns) -%}
    named_struct({% for column in columns %}'{{ column }}', {{ column }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{#- The last value up to a row that is not null. `in_order` must leave no ties. -#}
{% macro last_known(value, in_order) -%}
    {{ adapter.dispatch('last_known')(value) }} over ({{ in_order }} rows between unbounded preceding and current row)
{%- endmacro %}
{% macro duckdb__last_known(value) %}{{ return("last_value(" ~ value ~ " ignore nulls)") }}{% endmacro %}
{% macro spark__last_known(value) %}{{ return("last_value(" ~ value ~ ", true)") }}{% endmacro %}
