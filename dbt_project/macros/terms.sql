{#- Terms in which an agreement falls due: so many months or days long (`unit`), counted from an anchor day. -#}

{#- What of a price's interval and its count makes the unit and the length of a term. -#}
{% macro term_unit(interval) -%}
    case when {{ interval }} in ('day', 'week') then 'day' else 'month' end
{%- endmacro %}
{% macro term_length(interval, interval_count) -%}
    cast({{ interval_count }} * case {{ interval }} when 'week' then 7 when 'quarter' then 3 when 'year' then 12 else 1 end as integer)
{%- endmacro %}

{#- How many terms have ended before a day that is no earlier than the anchor. A term of months ends on the anchor's day of
    a month, so of the months passed the last one counts where its end lies before the day. -#}
{% macro terms_before(anchor, unit, length, day) -%}
    {%- set months = "((year(" ~ day ~ ") - year(" ~ anchor ~ ")) * 12 + month(" ~ day ~ ") - month(" ~ anchor ~ "))" -%}
    {%- set passed = "cast(" ~ whole_division(months, length) ~ " as integer)" -%}
    {%- set days = "greatest(" ~ days_between(anchor, day) ~ " - 1, 0)" -%}
    case
        when {{ unit }} = 'day' then cast({{ whole_division(days, length) }} as integer)
        when {{ add_months(anchor, passed ~ " * " ~ length) }} < {{ day }} then {{ passed }}
        else greatest({{ passed }} - 1, 0)
    end
{%- endmacro %}

{#- Whether a term ends on a day later than the anchor. -#}
{% macro is_term_end(anchor, unit, length, day) -%}
    {{ terms_before(anchor, unit, length, add_days(day, '1')) }} > {{ terms_before(anchor, unit, length, day) }}
{%- endmacro %}

{#- Where the end of the nth term lies: months since the year 0, or days since 1900. -#}
{% macro term_position(anchor, unit, length, nth) -%}
    cast(({{ nth }}) * {{ length }} + case
        when {{ unit }} = 'day' then {{ days_between("date '1900-01-01'", anchor) }}
        else year({{ anchor }}) * 12 + month({{ anchor }}) - 1
    end as integer)
{%- endmacro %}

{#- The name of a term's length: `month` up to a month, then up to a quarter, up to a year, and longer. -#}
{% macro term_name(unit, length) -%}
    case
        when {{ length }} <= case when {{ unit }} = 'day' then 31 else 1 end then 'month'
        when {{ length }} <= case when {{ unit }} = 'day' then 92 else 3 end then 'quarter'
        when {{ length }} <= case when {{ unit }} = 'day' then 366 else 12 end then 'year'
        else 'longer'
    end
{%- endmacro %}
