-- grain: one row per customer that any hand-over ties to others; those tied together share `tied_to`
with moves as (
    select mover, moved_on, earlier_customer_id, customer_id
    from {{ ref('hand_over') }}
),

{{ tied_together('') }}

select * from tied
