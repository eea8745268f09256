-- grain: one row per window, segment held at its opening (and `all`) and value basis: what became of who was there
with long as (
    {%- for basis in ['mrr', 'annualised', 'trailing_12m'] %}
    select
        window_kind, closing_number, opening_segment, '{{ basis }}' as value_basis, opening_customers, kept_customers,
        {{ basis }}_cohort as opening_value, {{ basis }}_retained as retained_value, {{ basis }}_protected as protected_value
    from {{ ref('held_between') }}
    where opening_segment is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

summed as (
    select
        window_kind,
        closing_number,
        case when grouping(opening_segment) = 1 then 'all' else opening_segment end as segment,
        value_basis,
        cast(sum(opening_customers) as bigint) as opening_customers,
        cast(sum(kept_customers) as bigint) as kept_customers,
        cast(sum(opening_value) as decimal(18, 4)) as opening_value,
        cast(sum(retained_value) as decimal(18, 4)) as retained_value,
        cast(sum(protected_value) as decimal(18, 4)) as protected_value
    from long
    group by grouping sets (
        (window_kind, closing_number, value_basis, opening_segment), (window_kind, closing_number, value_basis)
    )
)

select * from summed
