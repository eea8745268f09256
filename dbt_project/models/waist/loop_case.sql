-- grain: one row per piece of feedback and promise to hear back (contact, resolved, told), with when it fell due and when it was kept
-- A promise for the feedback's own category goes before one for all. What a machine did keeps none. A customer who was told has
-- been spoken to.
with items as (
    select *, case when kind = 'survey_answer' then case when is_low_score then 'low_score' end else kind end as loop_kind
    from {{ ref('feedback_item') }}
    where kind <> 'survey_answer' or (is_low_score and party_ref is not null)
),

promised as (
    select
        items.*, case when own.kind is null then general.owner else own.owner end as owner
        {%- for hours in ['contact_hours', 'resolve_hours', 'tell_hours'] %},
        case when own.kind is null then general.{{ hours }} else own.{{ hours }} end as {{ hours }}
        {%- endfor %}
    from items
    left join {{ source('reference', 'feedback_promise') }} as own
        on items.loop_kind = own.kind
        and items.category = own.category
    left join {{ source('reference', 'feedback_promise') }} as general
        on items.loop_kind = general.kind
        and general.category is null
    where own.kind is not null or general.kind is not null
),

done as (
    select vendor, system, 'ticket' as kind, source_ref as ref, 'contact' as clock, first_replied_at as done_at
    from {{ ref('ticket') }}
    where first_replied_at is not null
    union all
    select vendor, system, 'ticket', source_ref, 'resolved', resolved_at from {{ ref('ticket') }}
    where resolved_at is not null
    union all
    select vendor, system, kind, source_ref, 'contact', given_at from items
    where kind = 'call_note'
    union all
    select of_vendor, of_system, of_kind, of_ref, kind, happened_at from {{ ref('follow_up') }}
    where not is_automatic
    union all
    select of_vendor, of_system, of_kind, of_ref, 'contact', happened_at from {{ ref('follow_up') }}
    where kind = 'told' and not is_automatic
),

-- who tells nothing of a step anywhere may take it all the same
told_of as (
    select distinct clock, kind, vendor, system from done
    where kind is not null
    union
    select distinct clocks.clock, kinds.kind, kinds.vendor, kinds.system
    from (select distinct kind from {{ ref('follow_up') }}) as follow_ups
    inner join (values ('contact'), ('resolved'), ('told')) as clocks (clock)
        on follow_ups.kind = clocks.clock or (follow_ups.kind = 'told' and clocks.clock = 'contact')
    cross join (select distinct kind, vendor, system from items) as kinds
),

cases as (
    select
        promised.vendor, promised.system, promised.object, promised.source_ref, promised.kind, promised.loop_kind, promised.owner,
        promised.given_at, promised.given_on, clocks.clock,
        promised.given_at + cast(case clocks.clock when 'contact' then contact_hours when 'resolved' then resolve_hours else tell_hours end
            as int) * interval 1 hour as due_at
    from promised
    cross join (values ('contact'), ('resolved'), ('told')) as clocks (clock)
    where case clocks.clock when 'contact' then contact_hours when 'resolved' then resolve_hours else tell_hours end is not null
),

first_done as (
    select cases.vendor, cases.system, cases.object, cases.source_ref, cases.given_on, cases.clock, min(done.done_at) as done_at
    from cases
    inner join done
        on cases.vendor = done.vendor
        and cases.system = done.system
        and cases.source_ref = done.ref
        and cases.clock = done.clock
        and (done.kind is null or cases.kind = done.kind)
        and done.done_at >= cases.given_at
    cross join {{ ref('company') }} as company
    where {{ company_day('done.done_at') }} <= company.as_of_on
    group by cases.vendor, cases.system, cases.object, cases.source_ref, cases.given_on, cases.clock
)

select
    cases.*, first_done.done_at, told_of.clock is not null as is_known, {{ company_day('cases.due_at') }} <= company.as_of_on as is_elapsed
from cases
cross join {{ ref('company') }} as company
left join first_done
    on cases.vendor = first_done.vendor
    and cases.system = first_done.system
    and cases.object = first_done.object
    and cases.source_ref = first_done.source_ref
    and cases.given_on = first_done.given_on
    and cases.clock = first_done.clock
left join told_of
    on cases.clock = told_of.clock
    and cases.kind = told_of.kind
    and cases.vendor = told_of.vendor
    and cases.system = told_of.system
