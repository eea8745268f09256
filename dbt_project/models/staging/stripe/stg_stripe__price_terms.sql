-- grain: one row per price that a subscription was ever billed at, or could be
with

prices as (select * from {{ accepted_records('stripe', 'prices') }} as accepted where recurring_interval is not null),

lines as (select * from {{ ref('stg_stripe__service_lines') }}),

listed as (
    select
        id as price_id,
        upper(currency) as currency,
        unit_amount as minor_unit_amount,
        recurring_interval as interval,
        cast(coalesce(recurring_interval_count, 1) as int) as interval_count,
        coalesce(recurring_usage_type = 'metered', false) as is_metered,
        false as is_inferred,
        coalesce(tax_behavior = 'inclusive', false) as is_tax_inclusive
    from prices
),

-- A price that no export lists: its interval is as long as its longest line.
unlisted as (
    select price_id, max({{ dbt.datediff('starts_at', 'ends_at', 'day') }}) as days
    from lines
    where not exists (select 1 from listed where listed.price_id = lines.price_id)
    group by price_id
),

months as (
    select price_id, days, case when days >= 27 then cast(round(days * 12 / 365.0) as int) end as months
    from unlisted
),

inferred as (
    select
        price_id,
        cast(null as string) as currency,
        cast(null as bigint) as minor_unit_amount,
        case
            when months % 12 = 0 then 'year'
            when months > 0 then 'month'
            when days > 0 and days % 7 = 0 then 'week'
            else 'day'
        end as interval,
        cast(case
            when months % 12 = 0 then round(months / 12)
            when months > 0 then months
            when days > 0 and days % 7 = 0 then round(days / 7)
            else greatest(days, 1)
        end as int) as interval_count,
        false as is_metered,
        true as is_inferred,
        false as is_tax_inclusive
    from months
),

terms as (
    select * from listed
    union all
    select * from inferred
)

select * from terms
