-- grain: one row per window, customers tied together and pair of one that was active at the opening and one that is active
-- at the close (of either there may be none), with what all of the customers tied together are worth
-- Who is active at both is paired with itself, the others in the order of their ids.
{%- set bases = ['mrr', 'annualised', 'trailing_12m'] %}
with members as (
    select
        *,
        bool_or(is_new) over unit as any_is_new,
        min(first_number) over unit as unit_first_number
    from {{ ref('tied_member') }}
    window unit as (partition by window_kind, closing_number, tied_to)
),

ranked as (
    select
        *,
        case
            when was_active and is_active then customer_id
            else 'nth ' || cast(row_number() over (
                partition by window_kind, closing_number, tied_to, was_active, is_active order by customer_id
            ) as string)
        end as pair
    from members
    where was_active or is_active
),

pairs as (
    select
        window_kind, closing_number, opening_number, tied_to, pair,
        bool_or(any_is_new) as any_is_new,
        min(unit_first_number) as unit_first_number,
        max(case when was_active then customer_id end) as opening_customer,
        max(case when is_active then customer_id end) as closing_customer,
        max(case when was_active then opening_segment end) as opening_segment,
        max(case when is_active then closing_segment end) as closing_segment,
        max(case when was_active then opening_band end) as opening_band,
        max(case when is_active then closing_band end) as closing_band,
        {%- for basis in bases %}
        cast(sum({{ basis }}_opening) as decimal(18, 4)) as {{ basis }}_opening,
        cast(sum({{ basis }}_closing) as decimal(18, 4)) as {{ basis }}_closing,
        cast(sum(case when is_active then {{ basis }}_by_rates else 0 end) as decimal(18, 4)) as {{ basis }}_by_rates
        {{- ',' if not loop.last }}
        {%- endfor %}
    from ranked
    group by window_kind, closing_number, opening_number, tied_to, pair
),

units as (
    select
        *,
        count(opening_customer) over unit as opened,
        count(closing_customer) over unit as closed,
        row_number() over (
            partition by window_kind, closing_number, tied_to order by opening_customer nulls last, pair
        ) as nth_opening,
        row_number() over (
            partition by window_kind, closing_number, tied_to order by closing_customer nulls last, pair
        ) as nth_closing,
        {%- for basis in bases %}
        cast(sum({{ basis }}_opening) over unit as decimal(18, 4)) as unit_{{ basis }}_opening,
        cast(sum({{ basis }}_closing) over unit as decimal(18, 4)) as unit_{{ basis }}_closing,
        cast(sum({{ basis }}_by_rates) over unit as decimal(18, 4)) as unit_{{ basis }}_by_rates,
        cast(sum(greatest({{ basis }}_opening, 0)) over unit as decimal(18, 4)) as unit_{{ basis }}_cohort,
        cast(sum(greatest({{ basis }}_closing + {{ basis }}_by_rates, 0)) over unit as decimal(18, 4))
            as unit_{{ basis }}_left,
        cast(coalesce(sum(greatest({{ basis }}_opening, 0)) over earlier, 0) as decimal(18, 4))
            as earlier_{{ basis }}_cohort{{ ',' if not loop.last }}
        {%- endfor %}
    from pairs
    window unit as (partition by window_kind, closing_number, tied_to),
        earlier as (
            partition by window_kind, closing_number, tied_to order by opening_customer nulls last, pair
            rows between unbounded preceding and 1 preceding
        )
)

select * from units
