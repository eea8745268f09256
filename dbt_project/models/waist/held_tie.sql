-- grain: one row per window and customer that a hand-over within it ties to others; those tied together share `tied_to`
with company as (
    select * from {{ ref('company') }}
),

moves as (
    select
        windows.window_kind, windows.opening_number, windows.closing_number,
        moved.mover, moved.moved_on, moved.earlier_customer_id, moved.customer_id
    from {{ ref('hand_over') }} as moved
    cross join company
    inner join {{ ref('held_window') }} as windows
        on windows.opening_number < {{ known_month('moved.moved_on') }}
        and {{ known_month('moved.moved_on') }} <= windows.closing_number
    where moved.moved_on <= company.as_of_on
),

{{ tied_together('window_kind, opening_number, closing_number') }}

select * from tied
