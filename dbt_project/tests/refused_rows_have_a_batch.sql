-- A failing row is a refused record whose batch nobody gave, or which is told twice, or without a reason.
-- Guards the way from a refusal back to its file.
with told as (
    select
        refused.*,
        batches.batch_id is null as is_without_batch,
        count(*) over (partition by refused.batch_id, refused.record, refused.line) as times_told
    from {{ ref('refused_rows') }} as refused
    left join {{ ref('batches') }} as batches
        on refused.batch_id = batches.batch_id
)

select *
from told
where is_without_batch
    or times_told > 1
    or reason is null
