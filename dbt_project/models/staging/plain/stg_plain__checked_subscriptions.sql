-- grain: one row per price agreement; `refused_field` and `refused_reason` say what contradicts another (null: nothing)
with subscriptions as (
    select * from {{ accepted_records('plain', 'subscriptions') }}
),

-- how far the agreements reach that start before this one, of the same subscription
with_reach as (
    select
        *,
        max(coalesce(ends_on, date '9999-12-31')) over (
            partition by _system, subscription_ref
            order by starts_on
            rows between unbounded preceding and 1 preceding
        ) as earlier_ends_on
    from subscriptions
),

checked as (
    select
        *,
        case when earlier_ends_on > starts_on and coalesce(ends_on > starts_on, true) then 'starts_on' end as refused_field
    from with_reach
),

explained as (
    select
        *,
        case when refused_field is not null then 'overlaps an earlier row of the same subscription' end as refused_reason
    from checked
)

select * from explained
