-- grain: one row per subscription item and stretch of time at one amount, as invoiced
with

lines as (select * from {{ ref('stg_stripe__priced_lines') }}),

-- Each line sets the item's state from its start until the next line's start, at most until its own end. At one
-- instant a removal ("unused time") yields to a regular line, and both to a proration, which states the change.
states as (
    select
        *,
        least(ends_at, lead(starts_at) over (
            partition by item_id
            order by starts_at, not is_removal, is_proration, minor_amount, line_id
        )) as stops_at
    from lines
),

-- A removal that nothing replaced at once is a stretch without the item; the others have no length left.
marked as (
    select
        *,
        {{ stripe_is_continued(
            'starts_at', 'stops_at', ['minor_amount', 'currency', 'interval', 'interval_count', 'is_provisional'], 'item'
        ) }} as is_continued,
        lag(stops_at) over item as stopped_at,
        max(stops_at) over (partition by item_id) as item_stops_at
    from states
    where starts_at < stops_at and not is_removal
    window item as (partition by item_id order by starts_at)
),

stretches as (
    select
        subscription_id, item_id, line_id, minor_amount, currency, interval, interval_count, is_provisional,
        starts_at,
        coalesce(lead(stopped_at) over (partition by item_id order by starts_at), item_stops_at) as ends_at,
        batch_id, record
    from marked
    where not is_continued
)

select * from stretches
