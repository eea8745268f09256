-- grain: one row per contact, by its 18-character id
with records as (
    select * from {{ accepted_records('salesforce', 'contacts') }}
),

renamed as (
    select
        ---------- ids
        _system as system,
        {{ salesforce_id('id') }} as contact_id,
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
        coalesce(system_modstamp, last_modified_date) as changed_at,
        _batch_id as batch_id,
        _record as record,
        _extracted_at as extracted_at
    from records
),

newest as (
    {{ newest_of('renamed', 'contact_id') }}
)

select * from newest
