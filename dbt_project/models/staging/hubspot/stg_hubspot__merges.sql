-- grain: one row per record and record that it was merged into
-- Two columns may name the records merged into one, and need not agree: what either of them says counts. Nobody can undo a
-- merge, so an earlier export's word holds too.
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
    select distinct system, object, {{ hubspot_id_at('merged', 'place') }} as source_ref, into_ref
    from placed
)

select * from named
where source_ref <> into_ref
