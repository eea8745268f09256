-- grain: one row per customer and month in which anything of it changed: what it is at the month's end, and was before
-- Months are numbers; the as-of day ends the month that is open. What was up to the start of history is month 0's.
with company as (
    select * from {{ ref('company') }}
),

numbered as (
    select
        ledger.customer_id, ledger.day, ledger.step, ledger.segment, ledger.is_active,
        ledger.mrr_after as mrr, ledger.annualised_after as annualised, ledger.trailing_12m_after as trailing_12m,
        {{ known_month('ledger.day') }} as closing_number,
        ledger.is_first_activation and ledger.step = 4 as is_new,
        case when ledger.annualised_after <> 0 then ledger.annualised_after else ledger.trailing_12m_after end
            as yearly_value
    from {{ ref('ledger') }} as ledger
    cross join company
),

last_of_month as (
    select
        *,
        max(case when is_new then closing_number end) over (partition by customer_id) as new_number
    from numbered
    qualify lead(closing_number) over (partition by customer_id order by day, step) is distinct from closing_number
),

last_states as (
    select
        last_of_month.customer_id, last_of_month.closing_number, segments.segment_number, bands.band_number,
        last_of_month.is_active, last_of_month.mrr, last_of_month.annualised, last_of_month.trailing_12m,
        last_of_month.new_number,
        min(case when last_of_month.is_active then last_of_month.closing_number end) over (
            partition by last_of_month.customer_id
        ) as first_number
    from last_of_month
    left join {{ ref('segment_seen') }} as segments using (segment)
    left join {{ ref('value_band') }} as bands
        on last_of_month.yearly_value >= bands.at_least
        and (bands.less_than is null or last_of_month.yearly_value < bands.less_than)
),

{{ followed_states('last_states') }}
