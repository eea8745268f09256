-- grain: one row per contact of the directory that an extract ever named
with contacts as (
    {{ sent_records('qualtrics', 'contacts', 'contact_id') }}
)

select * from contacts
