-- A failing row is a key of a measured table that comes twice or lacks a part.
-- Guards against a period told twice.
{%- set keys = {
    'loss_summary': ['value_basis'],
    'renewals': ['term', 'value_basis'],
    'warnings': ['value_basis', 'flag'],
    'marbles': [],
    'meeting_opening': ['line'],
    'issue_volume': ['category'],
    'survey_scores': ['vendor', 'system', 'survey_ref', 'metric', "coalesce(ces_version, '')", 'points', 'unit'],
    'response_quality': ['vendor', 'system', 'survey_ref'],
    'unheard_value': ['value_band'],
} %}
{%- for table, more in keys.items() %}
{%- set key = (['period_kind', 'period_start', 'segment'] + more) | join(', ') %}
select '{{ table }}' as table_name, period_kind, period_start, segment
from {{ ref(table) }}
group by {{ key }}
having count(*) > 1
    {%- for column in ['period_kind', 'period_start', 'segment'] + more %}
    or {{ column }} is null
    {%- endfor %}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
