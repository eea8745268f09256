-- grain: one row per batch: a file, or a file within a zip, that was ever given
with logged as (
    select *
    from {{ known_batches() }}
    qualify row_number() over (
        partition by batch_id
        order by case status when 'accepted' then 1 when 'refused' then 2 else 3 end
    ) = 1
),

staged as (
    select batch_id, cast(count(distinct record) as bigint) as rows_refused
    from {{ ref('refused_value') }}
    group by batch_id
)

select
    logged.vendor, logged.system, logged.object, logged.file, logged.batch_id, logged.extracted_at,
    logged.status, logged.reason, logged.rows_in_file,
    cast(logged.rows_landed - coalesce(staged.rows_refused, 0) as bigint) as rows_landed,
    cast(logged.rows_refused + coalesce(staged.rows_refused, 0) as bigint) as rows_refused
from logged
left join staged using (batch_id)
