{#- What the models of listening share. -#}

{#- A person across all tools: whoever has the same e-mail address is one, whoever has none is its record. -#}
{% macro person_id(fact, record) -%}
    case when {{ fact }}.party_ref is not null then md5(coalesce(
        {{ record }}.email,
        {{ fact }}.vendor || ' ' || {{ fact }}.system || ' ' || {{ fact }}.party_object || ' ' || {{ fact }}.party_ref
    )) end
{%- endmacro %}

{#- Two common table expressions: `told`, and `owned`, the rows of a model up to the as-of day that are nobody's in test, with their
    day, the person and the customer that the day was of. -#}
{% macro owned_on(model, moment, day) -%}
told as (
    select
        facts.*, {{ company_day('facts.' ~ moment) }} as {{ day }}, parties.customer_id as known_customer_id, parties.mover,
        parties.is_test, {{ person_id('facts', 'records') }} as person_id
    from {{ ref(model) }} as facts
    left join {{ ref('party') }} as parties
        on facts.vendor = parties.vendor
        and facts.system = parties.system
        and facts.party_object = parties.object
        and facts.party_ref = parties.source_ref
    left join {{ ref('party_record') }} as records
        on facts.vendor = records.vendor
        and facts.system = records.system
        and facts.party_object = records.object
        and facts.party_ref = records.source_ref
),

owned as (
    select told.*, coalesce(stays.customer_id, told.known_customer_id) as customer_id
    from told
    {{ join_stays('told.mover', 'told.' ~ day) }}
    where told.{{ day }} <= (select as_of_on from {{ ref('company') }})
        and not coalesce(told.is_test, false)
)
{%- endmacro %}

{#- A question whatever its capitals, spaces and line ends. -#}
{% macro same_words(text) %}{{ return("trim(" ~ spaced_words(text) ~ ")") }}{% endmacro %}

{#- In a grouped select: the different texts in their order, with commas between; null where there is none. -#}
{% macro sorted_list(text) %}{{ return(adapter.dispatch('sorted_list')(text)) }}{% endmacro %}
{% macro duckdb__sorted_list(text) %}{{ return("string_agg(distinct " ~ text ~ ", ', ' order by " ~ text ~ ")") }}{% endmacro %}
{% macro spark__sorted_list(text) %}{{ return("nullif(array_join(array_sort(collect_set(" ~ text ~ ")), ', '), '')") }}{% endmacro %}
