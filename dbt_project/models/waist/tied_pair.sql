-- grain: one row per window and pair of customers that hand-overs within it tie together; a row of weight -1 takes out one
-- of them as it is told by itself
-- What all are worth at the close fills up what each was worth at the opening, in the order of their ids; the first of
-- them has what is more. So nothing is lost by a hand-over, and nothing is kept twice.
{%- set bases = ['mrr', 'annualised', 'trailing_12m'] %}
{%- set is_rolling = "window_kind = 'twelve_months'" %}
with alone as (
    select
        *,
        {{ yearly_baseline('was_active', 'is_active', 'first_number + 24 <= closing_number') }} as baseline_value
    from {{ ref('tied_member') }}
    where was_active or is_active
),

units as (
    select
        *,
        opening_customer is not null as was_active,
        closing_customer is not null as is_active,
        {{ yearly_baseline('opened > 0', 'closed > 0', 'unit_first_number + 24 <= closing_number', 'unit_') }} as baseline
    from {{ ref('tied_unit') }}
),

taken_out as (
    select
        window_kind, closing_number as from_closing, closing_number + 1 as until_closing, -1 as weight,
        case
            when {{ is_rolling }} or was_active then cast(null as string)
            else case when is_new then 'new' else 'won_back' end
        end as came,
        case when not {{ is_rolling }} and not is_active then 'lost' end as went,
        case when {{ is_rolling }} then {{ behaviour_against('baseline_value', 'is_active') }} end as behaviour,
        case when {{ is_rolling }} then baseline_value end as baseline_value,
        {{ held_values() }}
    from alone
    cross join {{ ref('company') }} as company
),

told as (
    select
        window_kind, closing_number as from_closing, closing_number + 1 as until_closing, 1 as weight,
        case
            when {{ is_rolling }} or was_active then cast(null as string)
            when opened > 0 then 'split'
            when any_is_new then 'new'
            else 'won_back'
        end as came,
        case when not {{ is_rolling }} and not is_active then case when closed > 0 then 'merged' else 'lost' end end as went,
        case when {{ is_rolling }} then {{ behaviour_against('baseline', 'is_active', 'unit_') }} end as behaviour,
        case when {{ is_rolling }} and nth_closing = 1 then baseline end as baseline_value,
        opening_segment, closing_segment, opening_band, closing_band,
        cast(was_active as integer) as opening_customers,
        cast(is_active as integer) as closing_customers,
        cast(was_active and closed > 0 as integer) as kept_customers,
        {%- for basis in bases %}
        {%- set cohort = "greatest(" ~ basis ~ "_opening, 0)" %}
        {%- set kept = "greatest(least(unit_" ~ basis ~ "_left - earlier_" ~ basis ~ "_cohort, " ~ cohort ~ "), 0)" %}
        {{ basis }}_opening,
        {{ basis }}_closing,
        cast({{ cohort }} as decimal(18, 4)) as {{ basis }}_cohort,
        cast(case when was_active then {{ kept }} + case
            when nth_opening = 1 then greatest(unit_{{ basis }}_left - unit_{{ basis }}_cohort, 0) else 0
        end else 0 end as decimal(18, 4)) as {{ basis }}_retained,
        cast(case when was_active then {{ kept }} else 0 end as decimal(18, 4)) as {{ basis }}_protected
        {{- ',' if not loop.last }}
        {%- endfor %}
    from units
    cross join {{ ref('company') }} as company
)

select * from taken_out
union all
select * from told
