-- A failing row is a batch that is told twice, or whose records are not landed or refused, each once.
-- Guards against records lost on the way in. A batch that cannot be read has no counts; one that waits has landed nothing.
with told as (
    select
        *,
        count(*) over (partition by batch_id) as times_told
    from {{ ref('batches') }}
)

select *
from told
where times_told > 1
    or batch_id is null
    or least(rows_in_file, rows_landed, rows_refused) < 0
    or (status = 'accepted' and rows_in_file is distinct from rows_landed + rows_refused)
    or (status <> 'accepted' and rows_landed <> 0)
