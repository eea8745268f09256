-- grain: one row per record and record that it was merged into
-- Two columns may name the records merged into one, and need not agree: what either of them says counts. Nobody can undo a
-- merge, so an earlier export's word holds too. One of them tells when.
with stated as (
    {%- for object, column in [
        ('companies', 'merged_object_ids'), ('contacts', 'merged_object_ids'), ('contacts', 'merged_vids'),
        ('deals', 'merged_object_ids')] %}
    select distinct _system as system, '{{ object }}' as object, record_id as into_ref, {{ column }} as merged
    from {{ record_history('hubspot', object) }}
    where {{ column }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

placed as (
    select *, {{ hubspot_each_place('merged') }} as place
    from stated
),

named as (
    select
        system, object, {{ hubspot_id_at('merged', 'place') }} as source_ref, into_ref,
        {{ hubspot_moment_at('merged', 'place') }} as merged_at
    from placed
)

select system, object, source_ref, into_ref, {{ company_day('min(merged_at)') }} as merged_on
from named
where source_ref <> into_ref
group by system, object, source_ref, into_ref
