-- grain: one row per subscription that was not deleted, as its newest version has it
with newest as (
    select _batch_id as batch_id, _record as record
    from {{ newest_of(
        source('chargebee', 'subscriptions'), 'chargebee', 'subscriptions', ['id'], 'updated_at'
    ) }}
),

kept as (
    select versions.*, false as is_test
    from {{ ref('stg_chargebee__subscription_versions') }} as versions
    inner join newest
        on versions.batch_id = newest.batch_id
        and versions.record = newest.record
    where not versions.is_deleted
)

select * from kept
