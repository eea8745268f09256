-- grain: one row per contact, by its 18-character id
with records as (
    select * from {{ salesforce_records('contacts') }}
),

renamed as (
    select
        ---------- ids
        _system as system,
        record_id as contact_id,
        {{ salesforce_id('master_record_id') }} as master_contact_id,
        {{ salesforce_id('account_id') }} as account_id,
        ---------- who and where
        {{ filled("coalesce(first_name, '') || ' ' || coalesce(last_name, '')") }} as name,
        {{ email_address('email') }} as email,
        phone,
        mailing_street,
        mailing_city,
        mailing_postal_code,
        mailing_country,
        lead_source,
        ---------- flags
        coalesce(is_person_account, false) as is_person_account,
        coalesce(is_deleted, false) as is_deleted,
        ---------- times and origin
        created_date as created_at,
        {{ salesforce_stamp() }} as changed_at,
        _batch_id as batch_id,
        _record as record
    from records
)

select * from renamed
