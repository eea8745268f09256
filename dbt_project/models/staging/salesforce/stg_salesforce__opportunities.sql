-- grain: one row per opportunity that was not deleted, by its 18-character id
with records as (
    select * from {{ salesforce_records('opportunities') }}
),

renamed as (
    select
        ---------- ids
        _system as system,
        record_id as opportunity_id,
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
        coalesce(lower(type) like '%renewal%', false) as is_renewal,
        ---------- times and origin
        _batch_id as batch_id,
        _record as record
    from records
),

kept as (
    select * from renamed
    where not is_deleted
)

select * from kept
