-- grain: one row per opportunity that was not deleted, by its 18-character id
with records as (
    select * from {{ accepted_records('salesforce', 'opportunities') }}
),

renamed as (
    select
        ---------- ids
        _system as system,
        {{ salesforce_id('id') }} as opportunity_id,
        {{ salesforce_id('account_id') }} as account_id,
        ---------- terms
        type,
        loss_reason,
        amount,
        upper(currency_iso_code) as currency,
        close_date as closes_on,
        contract_end_date as contract_ends_on,
        ---------- flags
        coalesce(is_won, lower(stage_name) = 'closed won') as is_won,
        coalesce(is_closed, lower(stage_name) in ('closed won', 'closed lost')) as is_closed,
        coalesce(is_deleted, false) as is_deleted,
        ---------- times and origin
        coalesce(system_modstamp, last_modified_date) as changed_at,
        _batch_id as batch_id,
        _record as record,
        _extracted_at as extracted_at
    from records
),

newest as (
    {{ newest_of('renamed', 'opportunity_id') }}
),

kept as (
    select * from newest
    where not is_deleted
)

select * from kept
