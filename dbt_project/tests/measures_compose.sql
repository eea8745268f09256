-- A failing row is a period in which a measure of `all` is not the sum of the segments', or one of a quarter or year is not
-- the sum of its months'.
-- Guards that what is counted by segment or by month is counted once.
{%- set tables = {
    'loss_summary': (['value_basis'], [
        'lost_customers', 'voluntary_lost_customers', 'involuntary_lost_customers', 'uncontrollable_lost_customers',
        'unknown_lost_customers', 'known_reason_customers', 'lost_value', 'voluntary_lost_value', 'involuntary_lost_value',
        'uncontrollable_lost_value', 'unknown_lost_value']),
    'renewals': (['term', 'value_basis'], [
        'due_contracts', 'renewed_contracts', 'unrenewed_contracts', 'explained_contracts', 'due_value', 'renewed_value',
        'kept_value']),
    'marbles': ([], ['customers_in', 'customers_out']),
} %}
{%- for table, (keys, measures) in tables.items() %}
select '{{ table }}' as table_name, 'segments' as law, measured.period_kind, measured.period_start
from {{ ref(table) }} as measured
group by measured.period_kind, measured.period_start{% for key in keys %}, measured.{{ key }}{% endfor %}
having
    {%- for measure in measures %}
    sum(case when measured.segment = 'all' then measured.{{ measure }} else -measured.{{ measure }} end) <> 0
    {{- ' or' if not loop.last }}
    {%- endfor %}
union all
select '{{ table }}' as table_name, 'months' as law, longer.period_kind, longer.period_start
from {{ ref(table) }} as longer
inner join {{ ref('calendar') }} as periods
    on longer.period_kind = periods.period_kind
    and longer.period_start = periods.period_start
inner join {{ ref(table) }} as months
    on months.period_kind = 'month'
    and months.segment = longer.segment
    {%- for key in keys %}
    and months.{{ key }} = longer.{{ key }}
    {%- endfor %}
    and months.period_start >= longer.period_start
    and months.period_start < periods.next_period_start
where longer.period_kind <> 'month'
group by longer.period_kind, longer.period_start, longer.segment{% for key in keys %}, longer.{{ key }}{% endfor %}
having
    {%- for measure in measures %}
    sum(months.{{ measure }}) <> max(longer.{{ measure }}){{ ' or' if not loop.last }}
    {%- endfor %}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
