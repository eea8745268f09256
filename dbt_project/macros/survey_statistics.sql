{#- How scores of surveys are counted, and how sure the counts are. -#}

{#- The first day of the month (1 month long), quarter (3) or fiscal year (12) that a day is in. -#}
{% macro period_start_of(day, months, fiscal_year_starts_in) -%}
    {{ add_months(month_of(day), "-((month(" ~ day ~ ") - " ~ fiscal_year_starts_in ~ " + 12) % 12 % " ~ months ~ ")") }}
{%- endmacro %}

{#- The lowest score of a scale: 0 on those of 11 and of 101 points, else 1. -#}
{% macro lowest_score(points) %}{{ return("case when " ~ points ~ " in (11, 101) then 0 else 1 end") }}{% endmacro %}

{#- The lowest score that says yes: 9 of 0 to 10 for NPS; one of the two best for CSAT (the best, where there are but three); more
    than the middle for CES. -#}
{% macro top_from(metric, points) -%}
    case {{ metric }}
        when 'nps' then 9
        when 'csat' then {{ lowest_score(points) }} + {{ points }} - case when {{ points }} > 3 then 2 else 1 end
        else {{ lowest_score(points) }} + cast({{ whole_division(points ~ ' + 1', '2') }} as integer)
    end
{%- endmacro %}

{#- What a finite population leaves of the variance of n answers: (N - n) / (N - 1), as a double. 1 where N is unknown, where n is no
    more than a twentieth of it, and where others answered than were asked (n > N); 0 where all answered. -#}
{% macro finite_share(n, population) -%}
    case
        when {{ population }} is null or {{ n }} > {{ population }} or 20 * {{ n }} <= {{ population }} then cast(1 as double)
        when {{ n }} = {{ population }} then cast(0 as double)
        else cast({{ population }} - {{ n }} as double) / cast({{ population }} - 1 as double)
    end
{%- endmacro %}

{#- The margin of an NPS at 95 %: 100 x 1.96 x sqrt((p + d - (p - d)²) / n), half up to 6 places, null where n is 0. By whole numbers
    as long as they last. -#}
{% macro nps_margin(promoters, detractors, n, population) -%}
    {%- set balance = "(" ~ promoters ~ " - " ~ detractors ~ ")" -%}
    {%- set spread = "cast(" ~ n ~ " * (" ~ promoters ~ " + " ~ detractors ~ ") - " ~ balance ~ " * " ~ balance ~ " as double)" -%}
    {%- set of = "nullif(cast(" ~ n ~ " as double), 0)" -%}
    cast(cast(floor(
        196 * sqrt({{ spread }} / {{ of }} / {{ of }} / {{ of }} * {{ finite_share(n, population) }}) * 1000000 + 0.5
    ) as bigint) * cast(0.000001 as decimal(7, 6)) as decimal(18, 6))
{%- endmacro %}

{#- The bounds of a share k of n by Wilson's interval; of a finite population as of n / finite_share answers, and where all of it
    answered the share itself. -#}
{% macro share_bound(k, n, population, sign) -%}
    {%- set finite = "(" ~ finite_share(n, population) ~ ")" -%}
    case
        when {{ finite }} = 0 then {{ ratio(k, n) }}
        else {{ wilson_bound(k ~ " / " ~ finite, n ~ " / " ~ finite, sign) }}
    end
{%- endmacro %}

{#- A moment, and where it is a day alone (midnight in UTC, as what tells no hour is read) the end of that day. -#}
{% macro latest_of(moment) -%}
    case when hour({{ moment }}) + minute({{ moment }}) + second({{ moment }}) = 0
        then {{ moment }} + 86399 * interval 1 second else {{ moment }} end
{%- endmacro %}

{#- Whether an answer may well come yet to what was sent on a day. -#}
{% macro is_in_field(sent_on, as_of_on) %}{{ return(add_days(sent_on, '30') ~ " > " ~ as_of_on) }}{% endmacro %}

{#- Whether a scale has a score. -#}
{% macro is_in_scale(score, points) -%}
    ({{ score }} >= {{ lowest_score(points) }} and {{ score }} < {{ lowest_score(points) }} + {{ points }})
{%- endmacro %}

{% macro as_double(number) %}{{ return("cast(" ~ number ~ " as double)") }}{% endmacro %}

{#- A quotient of doubles in whole billionths, half up, so that sums of it are exact; null where the divisor is 0. -#}
{% macro in_billionths(dividend, divisor) %}{{ return(
    "cast(floor((" ~ dividend ~ ") / nullif(" ~ divisor ~ ", 0) * 1000000000 + 0.5) as bigint)") }}{% endmacro %}

{#- By how many standard deviations a whole number lies above what chance gives, less half of one (both of chance in billionths),
    to 6 places; null where nothing could vary. -#}
{% macro deviations_above(found, expected_billionths, variance_billionths) -%}
    cast(cast(floor(
        (cast({{ found }} as double) * 1000000000 - cast({{ expected_billionths }} as double) - 500000000)
        / nullif(sqrt(cast({{ variance_billionths }} as double) * 1000000000), 0) * 1000000 + 0.5
    ) as bigint) * cast(0.000001 as decimal(7, 6)) as decimal(18, 6))
{%- endmacro %}
