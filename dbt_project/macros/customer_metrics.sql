{#- The measures of the whole company that a silo's metric may be linked to: (name, table that publishes it, which way is
    worse). customer_metric_link's contract lists the same names. -#}
{% macro customer_metrics() -%}
    {{- return([
        ('new_customers', 'customer_assets.customer_math', 'down'),
        ('lost_customers', 'customer_assets.customer_math', 'up'),
        ('net_customers', 'customer_assets.customer_math', 'down'),
        ('lost_value', 'customer_assets.customer_math', 'up'),
        ('contraction_value', 'customer_assets.customer_math', 'up'),
        ('tickets', 'customer_assets.group_profit', 'up'),
        ('handoff_loss_customers', 'alignment.handoffs', 'up'),
    ]) -}}
{%- endmacro %}
