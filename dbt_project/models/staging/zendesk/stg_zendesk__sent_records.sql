-- grain: one row per user, organisation and ticket that an extract ever named
with users as (
    {{ sent_records('zendesk', 'users', 'id', 'not active', 'updated_at') }}
),

organizations as (
    {{ sent_records('zendesk', 'organizations', 'id', 'deleted_at is not null') }}
),

tickets as (
    {{ sent_records(
        'zendesk', 'tickets', 'id', lower_case('status') ~ " = 'deleted' or " ~ zendesk_is_merged(), 'updated_at'
    ) }}
)

select * from users
union all
select * from organizations
union all
select * from tickets
