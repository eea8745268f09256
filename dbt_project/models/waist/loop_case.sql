-- grain: one row per piece of feedback and promise to hear back (contact, resolved, told), with whether its time is over and was kept
-- Never by a step before the feedback. Hours run by the calendar, or while the company works.
with told_of as (
    -- who tells nothing of a step anywhere may take it all the same
    select distinct clock, kind, vendor, system from {{ ref('loop_step') }}
    where kind is not null
    union
    select distinct clocks.clock, kinds.kind, kinds.vendor, kinds.system
    from (select distinct kind from {{ ref('follow_up') }}) as follow_ups
    inner join (values ('contact'), ('resolved'), ('told')) as clocks (clock)
        on follow_ups.kind = clocks.clock or (follow_ups.kind = 'told' and clocks.clock = 'contact')
    cross join (select distinct kind, vendor, system from {{ ref('promised_case') }}) as kinds
),

first_steps as (
    select cases.vendor, cases.system, cases.object, cases.source_ref, cases.given_on, cases.clock, min(steps.done_at) as done_at
    from {{ ref('promised_case') }} as cases
    inner join {{ ref('loop_step') }} as steps
        on cases.vendor = steps.vendor
        and cases.system = steps.system
        and cases.source_ref = steps.ref
        and cases.clock = steps.clock
        and (steps.kind is null or cases.kind = steps.kind)
        and steps.done_at >= cases.given_at
    cross join {{ ref('company') }} as company
    where {{ company_day('steps.done_at') }} <= company.as_of_on
    group by cases.vendor, cases.system, cases.object, cases.source_ref, cases.given_on, cases.clock
),

followed as (
    select
        cases.*, first_steps.done_at, {{ company_time('first_steps.done_at') }} as done_local_at, told_of.clock is not null as is_known
    from {{ ref('promised_case') }} as cases
    left join first_steps
        on cases.vendor = first_steps.vendor
        and cases.system = first_steps.system
        and cases.object = first_steps.object
        and cases.source_ref = first_steps.source_ref
        and cases.given_on = first_steps.given_on
        and cases.clock = first_steps.clock
    left join told_of
        on cases.clock = told_of.clock
        and cases.kind = told_of.kind
        and cases.vendor = told_of.vendor
        and cases.system = told_of.system
),

timed as (
    select
        followed.*,
        {{ worked_until('day_given', 'followed.given_local_at') }} as worked_when_given,
        {{ worked_until('day_done', 'followed.done_local_at') }} as worked_when_done
    from followed
    left join {{ ref('working_day') }} as day_given
        on followed.is_working and cast(followed.given_local_at as date) = day_given.day
    left join {{ ref('working_day') }} as day_done
        on followed.is_working and cast(followed.done_local_at as date) = day_done.day
),

worked as (
    select max(worked_before + closes - opens) as seconds from {{ ref('working_day') }}
)

select
    timed.vendor, timed.system, timed.object, timed.source_ref, timed.loop_kind, timed.owner, timed.given_at, timed.given_on,
    timed.clock, timed.done_at, timed.is_known,
    case
        when timed.is_working then worked.seconds - timed.worked_when_given >= timed.promised_hours * 3600
        else {{ company_day('timed.given_at + timed.promised_hours * interval 1 hour') }} <= company.as_of_on
    end as is_elapsed,
    case
        when timed.is_working then timed.worked_when_done - timed.worked_when_given <= timed.promised_hours * 3600
        else timed.done_at <= timed.given_at + timed.promised_hours * interval 1 hour
    end as is_in_time,
    case
        when timed.is_working then timed.worked_when_done - timed.worked_when_given
        else {{ seconds_between('timed.given_at', 'timed.done_at') }}
    end as seconds
from timed
cross join worked
cross join {{ ref('company') }} as company
