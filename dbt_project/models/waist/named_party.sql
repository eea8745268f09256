-- grain: one row per source record of a person or an organisation that facts name, whether it arrived or not
{% set facts = ['recurring_line', 'billed_amount', 'billed_credit', 'purchase', 'response', 'ticket'] -%}
with named as (
    {%- for fact in facts %}
    select vendor, system, party_object as object, party_ref as source_ref, count(*) as facts
    from {{ ref(fact) }}
    where party_ref is not null
    group by vendor, system, party_object, party_ref
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select vendor, system, object, source_ref, cast(sum(facts) as bigint) as facts
from named
group by vendor, system, object, source_ref
