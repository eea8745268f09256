-- grain: one row per ticket that was neither deleted nor merged into another
with cases as (
    select * from {{ ref('stg_zendesk__cases') }}
),

users as (
    select * from {{ ref('stg_zendesk__users') }}
),

organizations as (
    select * from {{ accepted_records('zendesk', 'organizations') }}
),

metrics as (
    select * from {{ newest_of(source('zendesk', 'ticket_metrics'), 'zendesk', 'ticket_metrics', ['ticket_id'], 'updated_at') }}
),

measured as (
    select
        cases.*,
        coalesce(cases.solved_at, metrics.solved_at, cases.updated_at) as last_solved_at,
        coalesce(cases.reopens, metrics.reopens) as reopened_count,
        coalesce(cases.reply_minutes, metrics.reply_minutes) as minutes_to_reply,
        coalesce(users.is_staff, false) as is_staffs,
        organizations.id is not null as is_organization_known
    from cases
    left join metrics
        on cases.system = metrics._system
        and cases.ticket_id = metrics.ticket_id
    left join users
        on cases.system = users.system
        and cases.requester_id = users.user_id
    left join organizations
        on cases.system = organizations._system
        and cases.organization_id = organizations.id
),

offered as (
    select
        'zendesk' as vendor, system, 'tickets' as object, ticket_id as source_ref, batch_id, record,
        -- a person may ask for several organisations: the ticket says which
        case
            when is_staffs then null
            when is_organization_known then 'organizations'
            when requester_id is not null then 'users'
        end as party_object,
        case
            when is_staffs then null
            when is_organization_known then organization_id
            else requester_id
        end as party_ref,
        opened_at,
        case when minutes_to_reply >= 0 then opened_at + minutes_to_reply * interval 1 minute end as first_replied_at,
        -- one that is open again is not resolved, whenever it was solved before
        case when status in ('solved', 'closed') then last_solved_at end as resolved_at,
        reopened_count,
        channel,
        category
    from measured
)

select * from offered
