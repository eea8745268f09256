-- grain: one row per period, segment (and `all`), term (and `all`) and value basis
{%- set measures = ['due_contracts', 'renewed_contracts', 'explained_contracts'] %}
{%- set values = ['due', 'renewed', 'kept'] %}
with summed as (
    select
        periods.period_kind,
        periods.period_start,
        case when grouping(due.segment) = 1 then 'all' else due.segment end as segment,
        case when grouping(due.term) = 1 then 'all' else due.term end as term
        {%- for measure in measures %},
        sum(due.{{ measure }}) as {{ measure }}
        {%- endfor %}
        {%- for value in values %},
        sum(due.{{ value }}_mrr_value) as {{ value }}_mrr_value,
        sum(due.{{ value }}_annualised_value) as {{ value }}_annualised_value
        {%- endfor %}
    from {{ ref('term_due') }} as due
    inner join {{ ref('calendar') }} as periods
        on due.month_start >= periods.period_start
        and due.month_start < periods.next_period_start
    group by grouping sets (
        (periods.period_kind, periods.period_start, due.segment, due.term),
        (periods.period_kind, periods.period_start, due.segment),
        (periods.period_kind, periods.period_start, due.term),
        (periods.period_kind, periods.period_start)
    )
),

segments as (
    select segment from {{ ref('segment_seen') }}
    union all
    select 'all' as segment
),

dense as (
    select
        periods.period_kind, periods.period_start, periods.is_provisional, segments.segment, terms.term, bases.value_basis,
        company.reporting_currency as currency,
        {%- for measure in measures %}
        cast(coalesce(summed.{{ measure }}, 0) as bigint) as {{ measure }},
        {%- endfor %}
        {%- for value in values %}
        cast(coalesce(
            case bases.value_basis when 'mrr' then summed.{{ value }}_mrr_value else summed.{{ value }}_annualised_value end, 0
        ) as decimal(18, 4)) as {{ value }}_value,
        {%- endfor %}
        coalesce(summed.due_contracts, 0) < company.minimum_cell_size as is_small_cell
    from {{ ref('calendar') }} as periods
    cross join segments
    cross join (values ('month'), ('quarter'), ('year'), ('longer'), ('all')) as terms (term)
    cross join (values ('mrr'), ('annualised')) as bases (value_basis)
    cross join {{ ref('company') }} as company
    left join summed
        on periods.period_kind = summed.period_kind
        and periods.period_start = summed.period_start
        and segments.segment = summed.segment
        and terms.term = summed.term
)

select
    period_kind, period_start, segment, term, value_basis, currency,
    due_contracts, renewed_contracts,
    cast(due_contracts - renewed_contracts as bigint) as unrenewed_contracts,
    explained_contracts,
    case when not is_small_cell then {{ ratio('renewed_contracts', 'due_contracts') }} end as renewal_rate,
    case when not is_small_cell then {{ wilson_low('renewed_contracts', 'due_contracts') }} end as renewal_rate_low,
    case when not is_small_cell then {{ wilson_high('renewed_contracts', 'due_contracts') }} end as renewal_rate_high,
    due_value, renewed_value, kept_value,
    case when not is_small_cell then {{ ratio('kept_value', 'due_value') }} end as renewal_rate_by_value,
    case when not is_small_cell then {{ ratio('renewed_value', 'due_value') }} end as renewal_value_ratio,
    is_small_cell,
    1 as definition_version,
    is_provisional
from dense
