{#- What the models of listening share. -#}

{#- A person across all tools: whoever has the same e-mail address is one, whoever has none is its record. -#}
{% macro person_id(fact, record) -%}
    case when {{ fact }}.party_ref is not null then md5(coalesce(
        {{ record }}.email,
        {{ fact }}.vendor || ' ' || {{ fact }}.system || ' ' || {{ fact }}.party_object || ' ' || {{ fact }}.party_ref
    )) end
{%- endmacro %}

{#- Joins `held`: the segment that a customer held on a day, which `held_segment` then names. -#}
{% macro join_segment(customer, day) -%}
    left join {{ ref('customer_segment') }} as held
        on {{ customer }} = held.customer_id
        and (held.valid_from is null or held.valid_from <= {{ day }})
        and (held.valid_to is null or {{ day }} < held.valid_to)
{%- endmacro %}

{% macro held_segment(customer) %}{{ return("case when " ~ customer ~ " is not null then coalesce(held.segment, 'unsegmented') end") }}{% endmacro %}

{#- A question whatever its capitals, spaces and line ends. -#}
{% macro same_words(text) %}{{ return("trim(" ~ spaced_words(text) ~ ")") }}{% endmacro %}

{#- In a grouped select: the different texts in their order, with commas between; null where there is none. -#}
{% macro sorted_list(text) %}{{ return(adapter.dispatch('sorted_list')(text)) }}{% endmacro %}
{% macro duckdb__sorted_list(text) %}{{ return("string_agg(distinct " ~ text ~ ", ', ' order by " ~ text ~ ")") }}{% endmacro %}
{% macro spark__sorted_list(text) %}{{ return("nullif(array_join(array_sort(collect_set(" ~ text ~ ")), ', '), '')") }}{% endmacro %}
