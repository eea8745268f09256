-- grain: one row per price agreement; `refused_field` and `refused_reason` say what contradicts another (null: nothing)
with subscriptions as (
    select * from {{ accepted_records('plain', 'subscriptions') }}
),

-- the agreements that cover a day, and how far those of the same subscription reach that start before each of them
reaching as (
    select
        _system, subscription_ref, starts_on, coalesce(ends_on, date '9999-12-31') as reaches_to,
        max(coalesce(ends_on, date '9999-12-31')) over (
            partition by _system, subscription_ref
            order by starts_on
            rows between unbounded preceding and 1 preceding
        ) as earlier_reach_to
    from subscriptions
    where ends_on is null or starts_on < ends_on
),

-- few have any overlap; one that is refused is in nobody's way
overlapping as (
    select _system, subscription_ref, {{ first_come('starts_on', 'reaches_to') }} as kept
    from reaching
    group by _system, subscription_ref
    having coalesce(bool_or(starts_on < earlier_reach_to), false)
),

checked as (
    select
        subscriptions.*,
        case
            when not array_contains(overlapping.kept, subscriptions.starts_on)
                and coalesce(subscriptions.starts_on < subscriptions.ends_on, true)
                then 'starts_on'
        end as refused_field
    from subscriptions
    left join overlapping
        on subscriptions._system = overlapping._system
        and subscriptions.subscription_ref = overlapping.subscription_ref
),

explained as (
    select
        *,
        case when refused_field is not null then 'overlaps an earlier row of the same subscription' end as refused_reason
    from checked
)

select * from explained
