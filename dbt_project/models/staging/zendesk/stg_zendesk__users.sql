-- grain: one row per user, and per requester whom only tickets know, by e-mail
with users as (
    select
        _system as system, id as user_id, name, {{ email_address('email') }} as email, phone, role, organization_id,
        external_id, created_at, not coalesce(active, true) as is_deleted, false as is_mention,
        _batch_id as batch_id, _record as record
    from {{ newest_of(source('zendesk', 'users'), 'zendesk', 'users', ['id'], 'updated_at') }}
),

-- once for all tickets of one requester: a mailbox that many records share would identify nobody
requesters as (
    select
        system, requester_id as user_id, cast(null as string) as name, requester_email as email,
        cast(null as string) as phone, requester_role as role, organization_id, cast(null as string) as external_id,
        opened_at as created_at, false as is_deleted, true as is_mention, batch_id, record
    from {{ ref('stg_zendesk__cases') }}
    where requester_email is not null
        and requester_id is not null
    qualify row_number() over (partition by system, requester_id order by opened_at, ticket_id) = 1
),

strangers as (
    select requesters.*
    from requesters
    anti join users
        on requesters.system = users.system
        and requesters.user_id = users.user_id
),

everyone as (
    select * from users
    union all
    select * from strangers
),

known as (
    select
        *,
        coalesce({{ lower_case('role') }}, 'end-user') not in ('end-user', 'end user', 'end_user') as is_staff
    from everyone
)

select * from known
