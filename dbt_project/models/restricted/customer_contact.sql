-- grain: one row per source record of a person or an organisation, with its name and addresses
with records as (
    select * from {{ ref('party_record') }}
)

select
    parties.customer_id, records.vendor, records.system, records.object, records.source_ref, records.kind, records.name,
    records.email, records.domain, records.phone, records.street, records.city, records.postcode, records.country
from records
inner join {{ ref('party') }} as parties using (vendor, system, object, source_ref)
