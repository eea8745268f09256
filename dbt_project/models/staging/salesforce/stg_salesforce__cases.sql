-- grain: one row per case that was neither deleted nor merged into another, by its 18-character id
with records as (
    select * from {{ salesforce_records('cases') }}
),

renamed as (
    select
        ---------- ids
        _system as system,
        record_id as case_id,
        {{ salesforce_id('master_record_id') }} as master_case_id,
        {{ salesforce_id('account_id') }} as account_id,
        {{ salesforce_id('contact_id') }} as contact_id,
        {{ email_address('supplied_email') }} as email,
        ---------- what it is about
        origin as channel,
        coalesce(reason, type) as category,
        subject,
        description,
        ---------- flags
        coalesce(is_deleted, false) as is_deleted,
        ---------- times and origin
        created_date as opened_at,
        closed_date as resolved_at,
        _batch_id as batch_id,
        _record as record
    from records
),

-- the account first: it stays when a contact moves or is not exported
with_party as (
    select
        *,
        case
            when account_id is not null then 'accounts'
            when contact_id is not null then 'contacts'
            when email is not null then 'cases'
        end as party_object,
        coalesce(account_id, contact_id, case when email is not null then case_id end) as party_ref
    from renamed
    where not is_deleted
        -- a company may keep merged cases, and this alone tells them; what is no case's id (zeros) names none
        and not coalesce(master_case_id like '500%' and master_case_id <> case_id, false)
)

select * from with_party
