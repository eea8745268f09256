-- grain: one row per period, segment (and `all`), value basis and flag of customer_math that is up
{%- set before = "'the ' || period_kind || ' before'" %}
with math as (
    select
        math.*,
        kept.kept_customers,
        lag(kept.kept_customers) over following as earlier_kept_customers,
        lag(math.opening_customers) over following as earlier_opening_customers,
        lag(math.new_customers) over following as earlier_new_customers,
        rise.acquisition_source as channel,
        rise.new_customers as channel_new_customers,
        rise.earlier_new_customers as channel_earlier_new_customers
    from {{ ref('customer_math') }} as math
    inner join {{ ref('revenue_retention') }} as kept
        on math.period_kind = kept.period_kind
        and math.period_start = kept.period_start
        and math.segment = kept.segment
        and math.value_basis = kept.value_basis
    left join {{ ref('channel_rise') }} as rise
        on math.period_kind = rise.period_kind
        and math.period_start = rise.period_start
        and math.segment = rise.segment
    window following as (partition by math.period_kind, math.segment, math.value_basis order by math.period_start)
),

raised as (
    select
        math.*,
        flags.flag,
        {{ counted('abs(math.net_customers)', 'customer') }} as net_text,
        {{ money_text('math.net_value', 'math.currency') }} || {{ per_basis('math.value_basis') }} as value_text
    from math
    cross join (values
        ('is_value_shrinking_while_count_grows'), ('is_rate_flattering'), ('is_revenue_masking_loss'),
        ('is_channel_flattering'), ('is_growth_only_won_back')
    ) as flags (flag)
    where case flags.flag
        when 'is_value_shrinking_while_count_grows' then math.is_value_shrinking_while_count_grows
        when 'is_rate_flattering' then math.is_rate_flattering
        when 'is_revenue_masking_loss' then math.is_revenue_masking_loss
        when 'is_channel_flattering' then math.is_channel_flattering
        else math.is_growth_only_won_back
    end
),

told as (
    select
        *,
        case flag
            when 'is_value_shrinking_while_count_grows' then
                case when net_customers = 0 then 'As many customers came as left' else net_text || ' more came than left' end
                || ', and yet you earn ' || value_text || ' less.'
            when 'is_rate_flattering' then
                'You kept ' || {{ grouped('kept_customers') }} || ' of ' || {{ counted('opening_customers', 'customer') }}
                || ', no smaller a share than ' || {{ before }} || ' (' || {{ grouped('earlier_kept_customers') }} || ' of '
                || {{ grouped('earlier_opening_customers') }} || '), and yet ' || net_text || ' more left than came.'
            when 'is_revenue_masking_loss' then
                'You earn ' || value_text || ' more, and yet ' || net_text || ' more left than came.'
            when 'is_channel_flattering' then
                channel || ' brought ' || {{ counted('channel_new_customers', 'new customer') }} || ' after '
                || {{ grouped('channel_earlier_new_customers') }} || ' ' || {{ before }} || ', and yet all channels together brought '
                || {{ grouped('new_customers') }} || ' after ' || {{ grouped('earlier_new_customers') }} || '.'
            else
                'You have ' || net_text || ' more only because ' || {{ grouped('won_back_customers') }} || ' came back: '
                || {{ grouped('new_customers') }} || case when new_customers = 1 then ' was' else ' were' end || ' new and '
                || {{ grouped('lost_customers') }} || ' left.'
        end as sentence
    from raised
)

select
    period_kind, period_start, segment, value_basis, flag, sentence, 1 as definition_version, is_provisional
from told
