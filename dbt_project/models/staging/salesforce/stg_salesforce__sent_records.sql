-- grain: one row per account, contact and case that an extract ever named, by its 18-character id
-- a merge deletes the record that it takes in
with
{%- for object, deleted in [
    ('accounts', 'is_deleted or master_record_id is not null'), ('contacts', 'is_deleted or master_record_id is not null'),
    ('cases', 'is_deleted'),
] %}
{{ object }} as (
    {{ sent_records('salesforce', object, salesforce_id('id'), deleted, salesforce_stamp()) }}
){{ ',' if not loop.last }}
{% endfor %}
select * from accounts
union all
select * from contacts
union all
select * from cases
