-- grain: one row per customer and year in which anything of it changed: what it is at the year's end, and was before
{{ states_at_end_of(12, 'state_at_quarter_end') }}
