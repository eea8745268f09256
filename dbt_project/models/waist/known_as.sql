-- grain: one row per customer that any hand-over up to the as-of day ties to others; those tied together share `tied_to`
with moves as (
    select moved.mover, moved.moved_on, moved.earlier_customer_id, moved.customer_id
    from {{ ref('hand_over') }} as moved
    cross join {{ ref('company') }} as company
    where moved.moved_on <= company.as_of_on
),

{{ tied_together('') }}

select * from tied
