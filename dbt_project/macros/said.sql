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

{#- Whether a score is low: a detractor, one of the two lowest of five, or one that disagrees, of seven. -#}
{% macro is_low_score(metric, score) -%} {{ score }} <= case {{ metric }} when 'nps' then 6 when 'csat' then 2 else 3 end {%- endmacro %}
