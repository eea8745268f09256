{#- The amounts of the plan and the addons in a list of JSON that Chargebee keeps with a subscription, summed in minor units
    (one-time charges left out); null where none has an amount, or the sum is more than an amount can truly be. -#}
{% macro chargebee_items_amount(json) -%}
    case when abs({{ chargebee_items_sum(json) }}) <= 1000000000000 then cast({{ chargebee_items_sum(json) }} as bigint) end
{%- endmacro %}

{#- Read as texts, since engines read a number as another type each in its own way. -#}
{% macro chargebee_items_sum(json) %}{{ return(adapter.dispatch('chargebee_items_sum')(json)) }}{% endmacro %}
{% macro duckdb__chargebee_items_sum(json) -%}
    list_sum(list_transform(
        from_json({{ json }}, '[{"item_type": "VARCHAR", "amount": "VARCHAR", "unit_price": "VARCHAR", "quantity": "VARCHAR"}]'),
        lambda item: {{ chargebee_item_amount('item') }}
    ))
{%- endmacro %}
{% macro spark__chargebee_items_sum(json) -%}
    {%- set amounts = "transform(from_json(" ~ json ~ ", 'array<struct<item_type:string,amount:string,unit_price:string,quantity:string>>'), item -> "
        ~ chargebee_item_amount('item') ~ ")" -%}
    case when exists({{ amounts }}, amount -> amount is not null) then aggregate(
        {{ amounts }}, cast(0 as decimal(38, 0)), (total, amount) -> cast(total + coalesce(amount, 0) as decimal(38, 0))
    ) end
{%- endmacro %}

{% macro chargebee_item_amount(item) -%}
    cast(case when coalesce({{ item }}.item_type, 'plan') in ('plan', 'addon') then coalesce(
        {{ chargebee_whole(item ~ '.amount') }}, {{ chargebee_whole(item ~ '.unit_price') }} * {{ chargebee_whole(item ~ '.quantity') }}
    ) end as decimal(38, 0))
{%- endmacro %}

{#- The width keeps DuckDB from multiplying in 64 bits. -#}
{% macro chargebee_whole(text) %}{{ return("case when " ~ matches(text, '[0-9]{1,13}') ~ " then try_cast(" ~ text ~ " as decimal(38, 0)) end") }}{% endmacro %}
