{#- How customers and their value may be counted: every policy with the one-company value of it (none: no limit; of the time zone,
    that of the settings), in the order in which a bridge goes from the one-company figure to a profile's. What decides who and what
    is counted comes first, then when it counts, then what it is worth. Of when, the time zone comes first: the days on which
    something happens are what the days, months and returns after it are counted from. -#}
{% macro policies() %}{{ return([
    ('base_object', 'agreements'), ('grain', 'customer'), ('duplicates', 'resolved'), ('subsidiaries', 'rolled_up'), ('test_accounts', 'not_counted'),
    ('trials', 'not_counted'), ('free_plans', 'not_counted'), ('paused', 'lost'), ('time_zone', none), ('past_due_days', none),
    ('cancel_date', 'service_end'), ('reactivation_days', none), ('within_month', 'counted'), ('metered', 'billed_only'),
    ('recurring_discounts', 'deducted'), ('one_off_discounts', 'ignored'), ('invoice_discounts', 'deducted'),
    ('credit_notes', 'deducted'), ('refunds', 'ignored'), ('exchange_rate', 'of_day'),
]) }}{% endmacro %}

{#- The measures by which a profile is told beside the one-company figure. -#}
{% macro profile_metrics() %}{{ return([
    'opening_customers', 'new_customers', 'won_back_customers', 'lost_customers', 'net_customers', 'closing_customers',
    'kept_customers', 'closing_value',
]) }}{% endmacro %}

{#- Which kinds of recurring lines a definition counts beside all others: an amount off an agreement is spread over those that count. -#}
{% macro counted_kinds(policy) -%}
    {% for kind in ['trials', 'paused', 'metered'] -%}
        case {{ policy }}.{{ kind }} when 'counted' then ' {{ kind }}' else '' end{{ ' || ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- What the discounts that a definition takes leave off the price of a row of waist.discounted_line. -#}
{% macro discount_by(discounted, policy) -%}
    cast(coalesce(case
        when {{ policy }}.recurring_discounts = 'deducted' and {{ policy }}.one_off_discounts = 'deducted' then {{ discounted }}.every_discount
        when {{ policy }}.recurring_discounts = 'deducted' then {{ discounted }}.recurring_discount
        when {{ policy }}.one_off_discounts = 'deducted' then {{ discounted }}.one_off_discount
    end, 0) as decimal(18, 4))
{%- endmacro %}

{#- The day of something in the time zone of a definition; of what its source tells as a day, that day. -#}
{% macro defined_day(lines, moment, day, definition) -%}
    coalesce(
        case when {{ definition }}.is_elsewhere then {{ day_in_zone(lines ~ '.' ~ moment, definition ~ '.time_zone') }} end,
        {{ lines }}.{{ day }}
    )
{%- endmacro %}

{#- The day on which a line ends for a definition: as agreed, or when the end was asked for, or after so many days unpaid. -#}
{% macro counted_to(lines, policy) -%}
    least(
        {{ lines }}.ends_on,
        case when {{ policy }}.cancel_date = 'request' and {{ lines }}.ends_on is not null and {{ lines }}.cancel_requested_on is not null
            then greatest({{ lines }}.starts_on, {{ lines }}.cancel_requested_on) end,
        {{ add_days(lines ~ '.unpaid_since', policy ~ '.past_due_days') }}
    )
{%- endmacro %}

{#- The whole company's customers and value of each period as customer_math and revenue_retention tell them, in the names of
    `profile_metrics`. -#}
{% macro one_company_totals() -%}
    select
        bridges.period_kind, bridges.period_start, bridges.opening_customers, bridges.new_customers, bridges.won_back_customers,
        bridges.lost_customers, bridges.net_customers, bridges.closing_customers,
        cast(bridges.opening_customers - coalesce(activity.opening_customers_lost, 0) as bigint) as kept_customers,
        bridges.closing_value
    from {{ ref('period_bridge') }} as bridges
    left join {{ ref('period_activity') }} as activity
        on bridges.period_kind = activity.period_kind
        and bridges.period_start = activity.period_start
        and bridges.segment = activity.segment
    where bridges.segment = 'all' and bridges.value_basis = 'mrr'
{%- endmacro %}

{#- The steps of profiles of whose kind any record ever came; without one, nothing about a profile is known. -#}
{% macro known_steps() -%}
    select steps.*
    from {{ ref('definition_step') }} as steps
    semi join (
        select last_steps.profile
        from {{ ref('definition_step') }} as last_steps
        semi join {{ ref('countable_line') }} as lines on last_steps.base_object = lines.base_object
        where last_steps.is_last
    ) as known_profiles on steps.profile = known_profiles.profile
{%- endmacro %}

{#- Definitions in a time zone other than the company's, and the customers of whom any moment is of another day there. -#}
{% macro whose_day_differs() -%}
    select distinct definitions.definition_number, lines.customer_id
    from {{ ref('definition') }} as definitions
    inner join {{ ref('counting_policy') }} as company_says on definitions.time_zone <> company_says.time_zone
    inner join {{ ref('countable_line') }} as lines on definitions.base_object = lines.base_object
    where {% for moment, day in [('starts_at', 'starts_on'), ('ends_at', 'ends_on'), ('unpaid_at', 'unpaid_since'),
                                 ('cancel_requested_at', 'cancel_requested_on')] -%}
        {{ day_in_zone('lines.' ~ moment, 'definitions.time_zone') }} <> lines.{{ day }}{{ ' or ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
