-- grain: one row per contact who may be sent nothing
with contacts as (
    select * from {{ accepted_records('qualtrics', 'contacts') }}
    where directory_unsubscribed
),

offered as (
    select
        'qualtrics' as vendor, _system as system, 'contacts' as object, contact_id as source_ref, _batch_id as batch_id,
        _record as record, 'contacts' as party_object, contact_id as party_ref, directory_unsubscribed_at as opted_out_at
    from contacts
)

select * from offered
