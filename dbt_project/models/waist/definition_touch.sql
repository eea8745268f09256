-- grain: one row per definition and customer that it may count otherwise than its anchor does
-- All others have the same days and amounts under both, so that nothing of them is reckoned twice. A definition that is an anchor itself
-- counts everybody anew.
{%- set agreement = "case when lines.kind = 'agreement' then lines.vendor || '/' || lines.system || '/' || lines.agreement_ref else '' end" %}
with of_lines as (
    select
        lines.base_object,
        lines.customer_id,
        bool_or(lines.is_test) as test_accounts,
        bool_or(lines.is_trial) as trials,
        bool_or(lines.is_paused) as paused,
        bool_or(lines.unpaid_since is not null) as past_due_days,
        bool_or(lines.cancel_requested_on is not null) as cancel_date,
        bool_or(lines.is_metered or lines.metered_amount <> 0) as metered,
        bool_or(lines.amount = 0 and lines.kind = 'agreement') as free_plans,
        bool_or(lines.amount <> lines.net_amount) as invoice_discounts,
        bool_or(lines.kind in ('credit_note', 'refund')) as credits,
        bool_or(lines.price_currency <> company.reporting_currency) as exchange_rate,
        {%- for policy, told in [('grain', agreement), ('duplicates', 'lines.party_record'), ('subsidiaries', 'lines.subsidiary')] %}
        min({{ told }}) <> max({{ told }}) as {{ policy }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('countable_line') }} as lines
    cross join {{ ref('company') }} as company
    group by lines.base_object, lines.customer_id
),

discounted as (
    select distinct lines.base_object, lines.customer_id
    from {{ ref('countable_line') }} as lines
    semi join {{ ref('discount') }} as discounts
        on lines.vendor = discounts.vendor
        and lines.system = discounts.system
        and lines.agreement_ref = discounts.agreement_ref
    where lines.kind = 'agreement'
),

-- who comes back, or comes and goes within a month, in the one-company ledger; of another base it is not known before it is reckoned
moved as (
    select
        customer_id,
        bool_or(movement = 'won_back') as reactivation_days,
        bool_or(is_twice) as within_month
    from (
        select
            customer_id, movement,
            count(*) over (partition by customer_id, {{ month_of('moved_on') }}) > 1 as is_twice
        from {{ ref('movement') }}
        where movement in ('new', 'won_back', 'lost')
    ) as activity
    group by customer_id
),

handed as (
    select distinct customer_id from {{ ref('moved_record') }}
),

customers as (
    select base_object, customer_id from of_lines
    union
    select 'agreements' as base_object, customer_id from handed
),

told as (
    select
        customers.base_object, customers.customer_id,
        handed.customer_id is not null and customers.base_object = 'agreements' as merged_customers,
        {%- for policy in ['test_accounts', 'trials', 'paused', 'past_due_days', 'cancel_date', 'metered', 'free_plans',
                           'invoice_discounts', 'credits', 'exchange_rate', 'grain', 'duplicates', 'subsidiaries'] %}
        coalesce(of_lines.{{ policy }}, false) as {{ policy }},
        {%- endfor %}
        discounted.customer_id is not null as discounts,
        {%- for policy in ['reactivation_days', 'within_month'] %}
        customers.base_object <> 'agreements' or coalesce(moved.{{ policy }}, false) as {{ policy }}{{ ',' if not loop.last }}
        {%- endfor %}
    from customers
    left join of_lines using (base_object, customer_id)
    left join discounted using (base_object, customer_id)
    left join moved on customers.customer_id = moved.customer_id
    left join handed on customers.customer_id = handed.customer_id
)

select definitions.definition_number, definitions.base_object, told.customer_id
from {{ ref('definition') }} as definitions
cross join {{ ref('counting_policy') }} as company_says
inner join told on definitions.base_object = told.base_object
left join ({{ whose_day_differs() }}) as elsewhere
    on definitions.definition_number = elsewhere.definition_number
    and told.customer_id = elsewhere.customer_id
where definitions.definition_number = definitions.anchor_number
    or told.merged_customers
    {%- for policy, default in policies() if policy != 'base_object' %}
    or (definitions.{{ policy }} is distinct from company_says.{{ policy }} and
        {{- {'time_zone': ' elsewhere.customer_id is not null', 'recurring_discounts': ' told.discounts', 'refunds': ' told.credits',
             'one_off_discounts': ' told.discounts', 'credit_notes': ' told.credits',
             'free_plans': ' (told.free_plans or told.discounts)'}.get(policy, ' told.' ~ policy) }})
    {%- endfor %}
