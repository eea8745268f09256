-- grain: one row per account, by its 18-character id
with records as (
    select * from {{ salesforce_records('accounts') }}
),

renamed as (
    select
        ---------- ids
        _system as system,
        record_id as account_id,
        {{ salesforce_id('master_record_id') }} as master_account_id,
        {{ salesforce_id('parent_id') }} as parent_account_id,
        {{ salesforce_id('person_contact_id') }} as person_contact_id,
        ---------- who and where
        name,
        {{ email_address('person_email') }} as email,
        {{ domain_of_website('website') }} as website_domain,
        phone,
        billing_street,
        billing_city,
        billing_postal_code,
        billing_country,
        account_source,
        segment,
        ---------- flags
        coalesce(is_person_account, false) or person_contact_id is not null as is_person,
        coalesce(is_test, false) or coalesce(lower(type), '') = 'test' as is_test,
        coalesce(is_deleted, false) as is_deleted,
        ---------- times and origin
        created_date as created_at,
        {{ salesforce_stamp() }} as changed_at,
        _batch_id as batch_id,
        _record as record
    from records
)

select * from renamed
