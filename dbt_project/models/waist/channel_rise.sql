-- grain: one row per period and segment (and `all`) in which a channel's new customers are known to have risen or not,
-- with the channel that rose most
-- Two systems write one channel in other letters; the first spelling of all stands for it.
with sources as (
    select
        customer_id,
        min(acquisition_source) over (partition by {{ lower_text('acquisition_source') }}) as acquisition_source
    from {{ ref('customer_description') }}
    where acquisition_source is not null
),

arrivals as (
    select movements.moved_on, movements.segment, sources.acquisition_source
    from {{ ref('movement') }} as movements
    inner join sources using (customer_id)
    where movements.movement = 'new'
),

counted as (
    select
        periods.period_kind,
        periods.period_start,
        periods.next_period_start,
        case when grouping(arrivals.segment) = 1 then 'all' else arrivals.segment end as segment,
        arrivals.acquisition_source,
        cast(count(*) as bigint) as new_customers
    from arrivals
    inner join {{ ref('calendar') }} as periods
        on arrivals.moved_on >= periods.period_start
        and arrivals.moved_on < periods.next_period_start
    group by grouping sets (
        (
            periods.period_kind, periods.period_start, periods.next_period_start, arrivals.acquisition_source,
            arrivals.segment
        ),
        (periods.period_kind, periods.period_start, periods.next_period_start, arrivals.acquisition_source)
    )
),

compared as (
    select
        later.period_kind,
        later.period_start,
        later.segment,
        later.acquisition_source,
        later.new_customers,
        coalesce(earlier.new_customers, 0) as earlier_new_customers
    from counted as later
    left join counted as earlier
        on later.period_kind = earlier.period_kind
        and later.period_start = earlier.next_period_start
        and later.segment = earlier.segment
        and later.acquisition_source = earlier.acquisition_source
),

-- the channel that rose most
highest as (
    select
        period_kind, period_start, segment, new_customers > earlier_new_customers as has_risen,
        acquisition_source, new_customers, earlier_new_customers
    from compared
    qualify row_number() over (
        partition by period_kind, period_start, segment
        order by new_customers - earlier_new_customers desc, acquisition_source
    ) = 1
)

select * from highest
