-- A failing row is a reference that an open table shows hashed and that hashed_reference does not give in clear exactly once.
-- Guards against a record that nobody can find again in its source.
{%- set shown = [
    ('customer_purchase', 'source_ref'), ('feedback', 'source_ref'), ('opt_out_leaks', 'source_ref'), ('identity_evidence', 'other_source_ref'),
    ('identity_evidence', 'source_ref'),
    ('identity_review', 'other_source_ref'), ('identity_review', 'source_ref'),
    ('identity_map', 'source_ref'), ('missing_records', 'source_ref'), ('revenue_span', 'line_ref'), ('revenue_span', 'source_ref'),
] %}
with shown as (
    {%- for model, column in shown %}
    select {{ column }} as hashed_reference from {{ ref(model) }}
    where {{ column }} like 'hashed:%'
    {%- if not loop.last %}
    union
    {%- endif %}
    {%- endfor %}
)

select shown.hashed_reference
from shown
left join {{ ref('hashed_reference') }} as clear on clear.hashed_reference = shown.hashed_reference
group by shown.hashed_reference
having count(clear.reference) <> 1
