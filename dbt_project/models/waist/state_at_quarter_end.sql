-- grain: one row per customer and quarter in which anything of it changed: what it is at the quarter's end, and was before
{{ states_at_end_of(3, 'state_at_month_end') }}
