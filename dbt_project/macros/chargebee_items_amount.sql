{#- The amounts of the plan and the addons in a list of JSON that Chargebee keeps with a subscription, summed in minor units
    (one-time charges left out); null where none has an amount, or the sum is more than an amount can truly be.
    `item_price`, an expression, asks for the items of that price alone. `period` and `unit`, expressions too, are how long the
    subscription's term is: an item that names another term is counted as often as it falls due in that one. -#}
{% macro chargebee_items_amount(json, item_price=none, period=none, unit=none) -%}
    {%- set sum = chargebee_items_sum(json, item_price, period, unit) -%}
    case when abs({{ sum }}) <= 1000000000000 then cast({{ sum }} as bigint) end
{%- endmacro %}

{#- What a subscription costs for a whole term, in minor units. -#}
{% macro chargebee_term_amount() -%}
    coalesce(
        {{ chargebee_items_amount('subscription_items', period='billing_period', unit='billing_period_unit') }},
        plan_amount + coalesce({{ chargebee_items_amount('addons') }}, 0)
    )
{%- endmacro %}

{#- Read as texts, since engines read a number as another type each in its own way. -#}
{% macro chargebee_items_sum(json, item_price=none, period=none, unit=none) -%}
    {{ return(adapter.dispatch('chargebee_items_sum')(json, chargebee_item_amount('item', item_price, period, unit))) }}
{%- endmacro %}
{% macro chargebee_item_keys() -%}
    {{ return(['item_type', 'item_price_id', 'amount', 'unit_price', 'quantity', 'billing_period', 'billing_period_unit']) }}
{%- endmacro %}
{% macro duckdb__chargebee_items_sum(json, amount) -%}
    list_sum(list_transform(
        from_json({{ json }}, '[{"{{ chargebee_item_keys() | join('": "VARCHAR", "') }}": "VARCHAR"}]'), lambda item: {{ amount }}
    ))
{%- endmacro %}
{% macro spark__chargebee_items_sum(json, amount) -%}
    {%- set amounts = "transform(from_json(" ~ json ~ ", 'array<struct<" ~ chargebee_item_keys() | join(":string,") ~ ":string>>'), item -> "
        ~ amount ~ ")" -%}
    case when exists({{ amounts }}, amount -> amount is not null) then aggregate(
        {{ amounts }}, cast(0 as decimal(38, 0)), (total, amount) -> cast(total + coalesce(amount, 0) as decimal(38, 0))
    ) end
{%- endmacro %}

{% macro chargebee_item_amount(item, item_price=none, period=none, unit=none) -%}
    {%- set amount = "coalesce(" ~ chargebee_whole(item ~ '.amount') ~ ", " ~ chargebee_whole(item ~ '.unit_price') ~ " * "
        ~ chargebee_whole(item ~ '.quantity') ~ ")" -%}
    {%- set own_unit = item ~ ".billing_period_unit" -%}
    cast(case
        when coalesce({{ item }}.item_type, 'plan') not in ('plan', 'addon') then null
        {%- if item_price %}
        when coalesce({{ item }}.item_price_id <> {{ item_price }}, true) then null
        {%- endif %}
        {%- if unit %}
        {#- months and years are whole months, days and weeks whole days: of one of them no exact number makes the other #}
        when ({{ own_unit }} in ('month', 'year') and {{ unit }} in ('month', 'year'))
            or ({{ own_unit }} in ('day', 'week') and {{ unit }} in ('day', 'week'))
            {%- set own = chargebee_units(chargebee_whole(item ~ '.billing_period'), own_unit) %}
            then {{ whole_division(
                "2 * " ~ amount ~ " * " ~ chargebee_units(period, unit) ~ " + " ~ own, "2 * " ~ own
            ) }}
        {%- endif %}
        else {{ amount }}
    end as decimal(38, 0))
{%- endmacro %}

{#- How many months, or days, a term has. -#}
{% macro chargebee_units(period, unit) -%}
    cast(coalesce(nullif({{ period }}, 0), 1) * case {{ unit }} when 'year' then 12 when 'week' then 7 else 1 end as decimal(20, 0))
{%- endmacro %}

{#- The width keeps DuckDB from multiplying in 64 bits. -#}
{% macro chargebee_whole(text) %}{{ return("case when " ~ matches(text, '[0-9]{1,13}') ~ " then try_cast(" ~ text ~ " as decimal(38, 0)) end") }}{% endmacro %}

{#- The moment after a term's last one. Of a site that bills by days a term's end is the last second of its last day, where
    the next begins a second later; the clocks of some countries are a half or a quarter of an hour off UTC's. -#}
{% macro chargebee_after(moment) -%}
    {{ moment }} + case when minute({{ moment }}) % 15 = 14 and second({{ moment }}) = 59 then 1 else 0 end * interval 1 second
{%- endmacro %}
