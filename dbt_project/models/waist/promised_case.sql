-- grain: one row per piece of feedback and promise to hear back (contact, resolved, told), with the hours promised
-- A promise for the feedback's own category goes before one for all.
{%- set clocks = {'contact': 'contact_hours', 'resolved': 'resolve_hours', 'told': 'tell_hours'} %}
with items as (
    select *, case when kind = 'survey_answer' then case when is_low_score then 'low_score' end else kind end as loop_kind
    from {{ ref('feedback_item') }}
    where kind <> 'survey_answer' or (is_low_score and party_ref is not null)
),

promised as (
    select
        items.*
        {%- for column in ['owner', 'contact_hours', 'resolve_hours', 'tell_hours', 'hours'] %},
        case when own.kind is null then general.{{ column }} else own.{{ column }} end as {{ column }}
        {%- endfor %}
    from items
    left join {{ source('reference', 'feedback_promise') }} as own
        on items.loop_kind = own.kind
        and items.category = own.category
    left join {{ source('reference', 'feedback_promise') }} as general
        on items.loop_kind = general.kind
        and general.category is null
    where own.kind is not null or general.kind is not null
),

cases as (
    select
        promised.vendor, promised.system, promised.object, promised.source_ref, promised.kind, promised.loop_kind, promised.owner,
        promised.given_at, promised.given_on, clocks.clock,
        cast(case clocks.clock
            {%- for clock, hours in clocks.items() %} when '{{ clock }}' then promised.{{ hours }}{% endfor %}
        end as int) as promised_hours,
        coalesce(promised.hours = 'working', false) as is_working,
        {{ company_time('promised.given_at') }} as given_local_at
    from promised
    cross join (values ('contact'), ('resolved'), ('told')) as clocks (clock)
)

select * from cases
where promised_hours is not null
