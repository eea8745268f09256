-- grain: one row per way of counting that a profile, or a step towards one, uses
select distinct definition_number, anchor_number, {% for policy, default in policies() %}{{ policy }}{{ ', ' if not loop.last }}{% endfor %}
from {{ ref('definition_step') }}
