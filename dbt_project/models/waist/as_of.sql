-- grain: one row, the day the numbers are stated for
-- The latest day on which a good record says that something happened, never later than the day of its extract (ends and
-- renewals lie ahead and do not count); without any such day, the latest extract's.
with records as (
    {%- set selects = [] -%}
    {%- for vendor, object in contracts_of_vendors() -%}
        {#- nulls count for nothing; `greatest` wants two arguments -#}
        {%- set days, moments = ['cast(null as date)'] * 2, ['cast(null as timestamp)'] * 2 -%}
        {%- for column in contract(vendor, object).happened -%}
            {%- do (days if column.type == 'date' else moments).append(column.name) -%}
        {%- endfor -%}
        {%- do selects.append(
            "select _batch_id, greatest(" ~ days | join(', ') ~ ") as happened_on, greatest("
            ~ moments | join(', ') ~ ") as happened_at, _extracted_at from " ~ record_history(vendor, object)) -%}
    {%- endfor %}
    {{ selects | join('\n    union all\n    ') if selects
        else 'select cast(null as string) as _batch_id, cast(null as date) as happened_on, cast(null as timestamp) as happened_at, '
            ~ 'cast(null as timestamp) as _extracted_at' }}
),

batch_days as (
    select
        greatest(max(happened_on), {{ company_day('max(happened_at)') }}) as happened_on,
        {{ company_day('max(_extracted_at)') }} as extracted_on
    from records
    group by _batch_id
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
