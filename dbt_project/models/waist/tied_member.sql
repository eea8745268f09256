-- grain: one row per window and customer that hand-overs within it tie to others, with its states at both ends
with by_rates as (
    select
        ties.window_kind, ties.closing_number, ties.customer_id,
        cast(sum(added.mrr) as decimal(18, 4)) as mrr,
        cast(sum(added.annualised) as decimal(18, 4)) as annualised
    from {{ ref('held_tie') }} as ties
    inner join {{ ref('value_by_rates') }} as added
        on ties.customer_id = added.customer_id
        and case ties.window_kind when 'month' then 1 when 'quarter' then 3 else 12 end = added.months
        and added.from_number <= ties.closing_number
        and ties.closing_number < added.until_number
    group by ties.window_kind, ties.closing_number, ties.customer_id
),

members as (
    select
        ties.window_kind, ties.closing_number, ties.opening_number, ties.customer_id, ties.tied_to,
        coalesce(opened.is_active, false) as was_active,
        coalesce(closed.is_active, false) as is_active,
        opened.segment_number as opening_segment,
        closed.segment_number as closing_segment,
        opened.band_number as opening_band,
        closed.band_number as closing_band,
        coalesce(
            ties.opening_number < closed.new_number and closed.new_number <= ties.closing_number, false
        ) as is_new,
        closed.first_number,
        {%- for basis in ['mrr', 'annualised', 'trailing_12m'] %}
        coalesce(opened.{{ basis }}, 0) as {{ basis }}_opening,
        coalesce(closed.{{ basis }}, 0) as {{ basis }}_closing,
        {%- endfor %}
        coalesce(by_rates.mrr, 0) as mrr_by_rates,
        coalesce(by_rates.annualised, 0) as annualised_by_rates,
        cast(0 as decimal(18, 4)) as trailing_12m_by_rates
    from {{ ref('held_tie') }} as ties
    left join {{ ref('state_at_month_end') }} as opened
        on ties.customer_id = opened.customer_id
        and opened.closing_number <= ties.opening_number
        and (opened.next_closing_number is null or ties.opening_number < opened.next_closing_number)
    left join {{ ref('state_at_month_end') }} as closed
        on ties.customer_id = closed.customer_id
        and closed.closing_number <= ties.closing_number
        and (closed.next_closing_number is null or ties.closing_number < closed.next_closing_number)
    left join by_rates
        on ties.window_kind = by_rates.window_kind
        and ties.closing_number = by_rates.closing_number
        and ties.customer_id = by_rates.customer_id
)

select * from members
