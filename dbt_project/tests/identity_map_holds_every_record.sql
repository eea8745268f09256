-- A failing row is a source record that the identity step was given and that has no customer.
-- Guards against a person lost between the exports and the map.
select records.*
from {{ ref('identity_record') }} as records
anti join {{ ref('identity_map') }} as mapped
    on records.vendor = mapped.vendor
    and records.system = mapped.system
    and records.object = mapped.object
    and {{ published_ref('records.source_ref') }} = mapped.source_ref
