-- grain: one row per ticket that was neither deleted nor merged into another
with records as (
    select *, {{ zendesk_list('merged_ticket_ids') }} as merged_list
    from {{ newest_of(source('zendesk', 'tickets'), 'zendesk', 'tickets', ['id'], 'updated_at') }}
),

mergers as (
    select _system as system, id as ticket_id, merged_list, {{ zendesk_places('merged_list') }} as place
    from records
),

merged as (
    select distinct system, {{ zendesk_word('merged_list', 'place') }} as ticket_id
    from mergers
    where {{ zendesk_word('merged_list', 'place') }} <> ticket_id
),

renamed as (
    select
        ---------- ids
        _system as system,
        id as ticket_id,
        requester_id,
        {{ email_address('requester_email') }} as requester_email,
        requester_role,
        organization_id,
        ---------- what it is about
        via_channel as channel,
        type as category,
        subject,
        description,
        {{ lower_case('status') }} as status,
        {{ zendesk_is_merged() }} as is_merged,
        ---------- times and measures
        created_at as opened_at,
        updated_at,
        solved_at,
        reopens,
        coalesce(
            reply_minutes,
            case
                when {{ matches(json_text('reply_time', 'calendar'), '[0-9]{1,9}') }}
                    then try_cast({{ json_text('reply_time', 'calendar') }} as bigint)
            end
        ) as reply_minutes,
        _batch_id as batch_id,
        _record as record
    from records
),

counted as (
    select renamed.*
    from renamed
    anti join merged
        on renamed.system = merged.system
        and renamed.ticket_id = merged.ticket_id
    where renamed.status <> 'deleted'
        and not renamed.is_merged
)

select * from counted
