{#- What people wrote, read word by word. -#}

{#- Two texts as one, a line each; null where both are blank. -#}
{% macro joined_texts(first, second) -%}
    nullif(concat_ws(chr(10), case when {{ filled(first) }} is not null then {{ first }} end,
        case when {{ filled(second) }} is not null then {{ second }} end), '')
{%- endmacro %}

{#- The words of a text in small letters, a space before and after each: letters with their marks, and figures, make words. -#}
{% macro spaced_words(text) %}{{ return(adapter.dispatch('spaced_words')(lower_case(text))) }}{% endmacro %}
{% macro duckdb__spaced_words(text) %}{{ return("(' ' || trim(regexp_replace(" ~ text ~ ", '[^\\p{L}\\p{M}\\p{N}]+', ' ', 'g')) || ' ')") }}{% endmacro %}
{% macro spark__spaced_words(text) %}{{ return("(' ' || trim(regexp_replace(" ~ text ~ ", '[^\\\\p{L}\\\\p{M}\\\\p{N}]+', ' ')) || ' ')") }}{% endmacro %}

{#- In a select list: one row for each word of words with a space between. -#}
{% macro each_word(words) %}{{ return(adapter.dispatch('each_word')("split(" ~ words ~ ", ' ')")) }}{% endmacro %}
{% macro duckdb__each_word(words) %}{{ return("unnest(" ~ words ~ ")") }}{% endmacro %}
{% macro spark__each_word(words) %}{{ return("explode(" ~ words ~ ")") }}{% endmacro %}

{#- Whether a text has letters of a script that puts no spaces between words, or lets particles cling to them: Chinese, Japanese,
    Korean, Thai, Lao, Khmer, Burmese. -#}
{% macro is_unspaced(text) %}{{ return(adapter.dispatch('is_unspaced')(text)) }}{% endmacro %}
{% macro duckdb__is_unspaced(text) %}{{ return("regexp_matches(" ~ text ~ ", '[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]')") }}{% endmacro %}
{% macro spark__is_unspaced(text) %}{{ return("(" ~ text ~ " rlike '[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]')") }}{% endmacro %}

{#- A language as its first part in small letters: `pt-BR` and `PT_pt` are `pt`; null where none is named. -#}
{% macro language_of(language) -%} nullif(split_part(replace({{ lower_case(trimmed(language)) }}, '_', '-'), '-', 1), '') {%- endmacro %}

{#- Which score of an answer with several counts: the recommendation, then satisfaction. -#}
{% macro metric_rank(metric) -%} case {{ metric }} when 'nps' then 1 when 'csat' then 2 else 3 end {%- endmacro %}

{#- How many points the scale of a score has: as the survey is declared, else as its tool says. -#}
{% macro points_of(metric, survey, points) -%}
    case {{ metric }}
        when 'nps' then 11
        when 'csat' then coalesce({{ survey }}.csat_points, {{ points }}, 5)
        else coalesce({{ survey }}.ces_points, {{ points }}, 7)
    end
{%- endmacro %}

{#- Whether a score is low on its scale: a detractor; of satisfaction the lowest two fifths (2 of 5 points); of effort the three
    sevenths (3 of 7) that disagree or, where CES 1.0 asks how much effort it took, took most. Outside of the scale none is. -#}
{% macro is_low_score(metric, score, points, ces_version) -%}
    {%- set lowest = lowest_score(points) -%}
    {%- set worst = "greatest(cast(" ~ whole_division("3 * " ~ points, "7") ~ " as int), 1)" -%}
    ({{ is_in_scale(score, points) }} and case
        when {{ metric }} = 'nps' then {{ score }} <= 6
        when {{ metric }} = 'csat' then {{ score }} < {{ lowest }} + greatest(cast({{ whole_division("2 * " ~ points, "5") }} as int), 1)
        when {{ ces_version }} = '1.0' then {{ score }} >= {{ lowest }} + {{ points }} - {{ worst }}
        else {{ score }} < {{ lowest }} + {{ worst }}
    end)
{%- endmacro %}
