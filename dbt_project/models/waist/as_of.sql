-- grain: one row, the day the numbers are stated for
-- The latest day on which a good record says that something happened, never later than the day of its extract (ends and
-- renewals lie ahead and do not count); without any such day, the latest extract's.
with batch_days as (
    {%- set selects = [] -%}
    {%- for vendor, object in contracts_of_vendors() -%}
        {%- set days = [] -%}
        {%- for column in contract(vendor, object).happened -%}
            {%- set last = "max(" ~ column.name ~ ")" -%}
            {%- do days.append(last if column.type == 'date' else company_day(last)) -%}
        {%- endfor -%}
        {%- do selects.append(
            "select " ~ ("greatest(" ~ days | join(', ') ~ ", cast(null as date))" if days else "cast(null as date)")
            ~ " as happened_on, " ~ company_day("max(_extracted_at)") ~ " as extracted_on from "
            ~ record_history(vendor, object) ~ " group by _batch_id") -%}
    {%- endfor %}
    {{ selects | join('\n    union all\n    ') if selects
        else 'select cast(null as date) as happened_on, cast(null as date) as extracted_on' }}
),

settings as (
    select as_of_on from {{ source('run', 'settings') }}
)

select
    coalesce(
        (select as_of_on from settings),
        max(least(happened_on, extracted_on)) filter (where happened_on is not null),
        max(extracted_on)
    ) as as_of_on
from batch_days
