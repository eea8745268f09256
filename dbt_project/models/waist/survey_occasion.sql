-- grain: one row per survey and kind of occasion that its invitations followed in the twelve months up to the as-of day: good ones and others, followed by an invitation and not
-- Occasions: an event at a touchpoint (14 days), a scored answer to any survey (90 days); each until the next of its kind.
-- Where a day alone is told, an invitation of that day comes after the event, which made it due, and before the answer, which it got.
with {{ owned_on('touchpoint_event', 'occurred_at', 'happened_on') }},

events as (
    select
        'event at ' || touchpoint as occasion, customer_id, happened_on as day, occurred_at as happened_at, is_conforming as is_good,
        14 as within_days, vendor || ' ' || system || ' ' || source_ref as ref, false as is_answer,
        cast(null as string) as invitation_ref
    from owned
    where customer_id is not null
),

answers as (
    select
        'answer to ' || vendor || ' ' || system || ' ' || survey_ref || ' ' || metric as occasion, customer_id,
        answered_on as day, {{ latest_of('responded_at') }} as happened_at, score >= {{ top_from('metric', 'points') }} as is_good,
        90 as within_days, vendor || ' ' || system || ' ' || object || ' ' || source_ref as ref, true as is_answer,
        vendor || ' ' || system || ' ' || invitation_ref as invitation_ref
    from {{ ref('survey_answer') }}
    -- of what is no score, and where more is worse, nobody can say that it was good
    where {{ is_in_scale('score', 'points') }} and coalesce(ces_version, '2.0') = '2.0' and customer_id is not null
),

-- an occasion counts where all its days have passed
occasions as (
    select
        told.*,
        lead(told.happened_at) over (partition by told.occasion, told.customer_id order by told.happened_at, told.ref) as next_at
    from (select * from events union all select * from answers) as told
    cross join {{ ref('company') }} as company
    where told.day > {{ add_months('company.as_of_on', '-12') }}
        and {{ add_days('told.day', 'told.within_days') }} <= company.as_of_on
),

totals as (
    select occasion, count(*) as n, count(case when is_good then 1 end) as good from occasions
    group by occasion
),

sends as (
    select
        vendor, system, survey_ref, customer_id, sent_on, sent_at, {{ latest_of('sent_at') }} as latest_sent_at,
        vendor || ' ' || system || ' ' || source_ref as invitation_ref
    from {{ ref('survey_send') }}
    where status <> 'suppressed'
),

-- whatever the clocks of two tools say, no invitation follows its own answer
followed as (
    select distinct sends.vendor, sends.system, sends.survey_ref, occasions.occasion, occasions.ref, occasions.is_good
    from occasions
    inner join sends
        on occasions.customer_id = sends.customer_id
        and case when occasions.is_answer then sends.sent_at else sends.latest_sent_at end > occasions.happened_at
        and sends.sent_on <= {{ add_days('occasions.day', 'occasions.within_days') }}
        and (
            occasions.next_at is null
            or case when occasions.is_answer then sends.sent_at else sends.latest_sent_at end <= occasions.next_at
        )
        and coalesce(sends.invitation_ref <> occasions.invitation_ref, true)
),

counted as (
    select vendor, system, survey_ref, occasion, count(*) as invited, count(case when is_good then 1 end) as good_invited
    from followed
    group by vendor, system, survey_ref, occasion
),

judged as (
    select
        counted.vendor, counted.system, counted.survey_ref, counted.occasion, cast(totals.n as bigint) as occasions,
        cast(totals.good as bigint) as good_occasions, cast(counted.invited as bigint) as invited,
        cast(counted.good_invited as bigint) as good_invited,
        -- of as many invitations drawn by chance, how many follow good ones, and how far that varies: the hypergeometric's
        {{ in_billionths(as_double('totals.good') ~ ' * ' ~ as_double('counted.invited'), as_double('totals.n')) }} as expected_billionths,
        {{ in_billionths(
            as_double('totals.good') ~ ' * ' ~ as_double('totals.n - totals.good') ~ ' * ' ~ as_double('counted.invited')
                ~ ' * ' ~ as_double('totals.n - counted.invited'),
            as_double('totals.n') ~ ' * ' ~ as_double('totals.n') ~ ' * ' ~ as_double('totals.n - 1')
        ) }} as variance_billionths
    from counted
    inner join totals on counted.occasion = totals.occasion
)

select
    *,
    row_number() over (
        partition by vendor, system, survey_ref order by 1000000000 * good_invited - expected_billionths desc, occasion
    ) = 1 as is_furthest
from judged
