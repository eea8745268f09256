-- grain: one row per customer, kind of period and closings [from_closing, until_closing) at which its opening and closing
-- states are the same: those of the period in which it changed, then those of the periods until the next change
with states as (
    {%- for kind, months in [('month', 1), ('quarter', 3), ('year', 12)] %}
    select
        '{{ kind }}' as window_kind, {{ months }} as months, customer_id, closing_number, next_closing_number,
        segment_number, band_number, is_active, mrr, annualised, trailing_12m, new_number,
        earlier_segment_number, earlier_band_number, was_active, earlier_mrr, earlier_annualised, earlier_trailing_12m
    from {{ ref('state_at_' ~ kind ~ '_end') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

by_rates as (
    select
        windows.window_kind, windows.closing_number, added.customer_id,
        cast(sum(added.mrr) as decimal(18, 4)) as mrr,
        cast(sum(added.annualised) as decimal(18, 4)) as annualised
    from {{ ref('value_by_rates') }} as added
    inner join {{ ref('held_window') }} as windows
        on added.months = windows.months
        and added.from_number <= windows.closing_number
        and windows.closing_number < added.until_number
    where windows.window_kind <> 'twelve_months'
    group by windows.window_kind, windows.closing_number, added.customer_id
),

stretches as (
    select
        states.window_kind,
        states.new_number,
        states.closing_number + case when halves.is_later then states.months else 0 end as from_closing,
        case when halves.is_later then states.next_closing_number else states.closing_number + states.months end
            as until_closing,
        case when halves.is_later then states.is_active else states.was_active end as was_active,
        states.is_active,
        case when halves.is_later then states.segment_number else states.earlier_segment_number end as opening_segment,
        states.segment_number as closing_segment,
        case when halves.is_later then states.band_number else states.earlier_band_number end as opening_band,
        states.band_number as closing_band,
        states.months,
        {%- for basis in ['mrr', 'annualised', 'trailing_12m'] %}
        case when halves.is_later then states.{{ basis }} else states.earlier_{{ basis }} end as {{ basis }}_opening,
        states.{{ basis }} as {{ basis }}_closing,
        {%- if basis == 'trailing_12m' %}
        cast(0 as decimal(18, 4)) as trailing_12m_by_rates
        {%- else %}
        coalesce(by_rates.{{ basis }}, 0) as {{ basis }}_by_rates,
        {%- endif %}
        {%- endfor %}
    from states
    cross join (values (false), (true)) as halves (is_later)
    left join by_rates
        on not halves.is_later
        and states.window_kind = by_rates.window_kind
        and states.closing_number = by_rates.closing_number
        and states.customer_id = by_rates.customer_id
    where not halves.is_later
        or states.next_closing_number is null
        or states.closing_number + states.months < states.next_closing_number
)

select
    window_kind, from_closing, until_closing,
    case
        when is_active and not was_active and new_number > from_closing - months then 'new'
        when is_active and not was_active then 'won_back'
    end as came,
    case when was_active and not is_active then 'lost' end as went,
    cast(null as string) as behaviour,
    cast(null as decimal(18, 4)) as baseline_value,
    {{ held_values() }}
from stretches
where was_active or is_active
