-- grain: one row per window and customer that a hand-over within it ties to others; those tied together share `tied_to`
-- A record that is back with whom it was at the opening ties nobody: that they were one turned out to be wrong.
{%- set in_order -%}
    partition by windows.window_kind, windows.closing_number, moved.mover
    order by moved.moved_on rows between unbounded preceding and unbounded following
{%- endset %}
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
    qualify first_value(moved.earlier_customer_id) over ({{ in_order }}) <> last_value(moved.customer_id) over ({{ in_order }})
),

{{ tied_together('window_kind, opening_number, closing_number') }}

select * from tied
