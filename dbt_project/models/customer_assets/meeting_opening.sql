-- grain: one row per period, segment (and `all`) and line of what is read out as the meeting opens
{%- set a_month = "' a month'" %}
with math as (
    select
        *,
        {{ period_text('period_kind', 'period_start') }} as period_text,
        case when is_provisional then ' so far' else '' end as so_far
    from {{ ref('customer_math') }}
    where value_basis = 'mrr'
),

lines as (
    select
        math.period_kind, math.period_start, math.segment, math.is_provisional, parts.about, parts.line,
        case parts.about
            when 'new' then
                'In ' || period_text || so_far || ' you gained ' || {{ counted('new_customers', 'new customer') }}
                || ' worth ' || {{ money_text('new_value', 'currency') }} || {{ a_month }} || '.'
            when 'won_back' then
                'You won back ' || {{ counted('won_back_customers', 'customer') }} || ' worth '
                || {{ money_text('won_back_value', 'currency') }} || {{ a_month }} || '.'
            when 'lost' then
                'You lost ' || {{ counted('lost_customers', 'customer') }} || ' worth '
                || {{ money_text('lost_value', 'currency') }} || {{ a_month }} || '.'
            when 'net' then
                'Net: ' || case
                    when net_customers = 0 then 'as many customers came as left'
                    else {{ counted('abs(net_customers)', 'customer') }}
                        || case when net_customers > 0 then ' more' else ' fewer' end
                end || ' and ' || {{ money_text('net_value', 'currency') }} || {{ a_month }}
                || case when net_value > 0 then ' more.' when net_value < 0 then ' less.' else ' of change.' end
            else
                'You ' || case when is_provisional then 'hold ' else 'closed with ' end
                || {{ counted('closing_customers', 'customer') }} || ' worth '
                || {{ money_text('closing_value', 'currency') }} || {{ a_month }} || '.'
        end as sentence
    from math
    cross join (values ('new', 1), ('won_back', 2), ('lost', 3), ('net', 4), ('closing', 5)) as parts (about, line)
),

-- the five reasons that most left for, and how many left for none that is known
reasons as (
    select
        period_kind, period_start, segment, is_provisional,
        case when reason = 'unknown' then 'unknown_reason' else 'reason' end as about,
        case when reason = 'unknown' then 11 else 5 + rank_by_volume end as line,
        case when reason = 'unknown' then 'Why is not known of ' else 'Lost for this reason: ' || reason || ', ' end
        || {{ counted('lost_customers', 'customer') }} || ' worth ' || {{ money_text('mrr_value', 'currency') }} || {{ a_month }}
        || '.' as sentence
    from {{ ref('loss_reasons') }}
    where reason = 'unknown' or rank_by_volume <= 5
),

told as (
    select period_kind, period_start, segment, line, about, sentence, is_provisional from lines
    union all
    select period_kind, period_start, segment, line, about, sentence, is_provisional from reasons
)

select
    period_kind, period_start, segment, cast(line as integer) as line, about, sentence,
    1 as definition_version, is_provisional
from told
