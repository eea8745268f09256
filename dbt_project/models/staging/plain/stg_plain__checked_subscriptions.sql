-- grain: one row per price agreement; `refused_field` and `refused_reason` say what contradicts itself (null: nothing)
with subscriptions as (
    select * from {{ accepted_records('plain', 'subscriptions') }}
),

-- how far the agreements reach that start before this one, of the same subscription
with_reach as (
    select
        *,
        upper(currency) as currency_code,
        coalesce(interval_count, 1) as intervals,
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
        case
            when ends_on < starts_on then 'ends_on'
            when intervals < 1 then 'interval_count'
            when not {{ matches('currency_code', '[A-Z]{3}') }} then 'currency'
            when earlier_ends_on > starts_on and coalesce(ends_on > starts_on, true) then 'starts_on'
        end as refused_field
    from with_reach
),

explained as (
    select
        *,
        case refused_field
            when 'ends_on' then 'ends before it starts'
            when 'interval_count' then 'less than 1'
            when 'currency' then 'not a three-letter code'
            when 'starts_on' then 'overlaps an earlier row of the same subscription'
        end as refused_reason
    from checked
)

select * from explained
