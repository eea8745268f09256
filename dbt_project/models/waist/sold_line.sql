-- grain: one row per sale that was won, as an agreement
-- A renewal is sold weeks before what it renews has ended: it takes its place on that day, and never counts beside it.
{%- set party = ['vendor', 'system', 'party_object', 'party_ref'] %}
{%- set line = ['vendor', 'system', 'line_ref'] %}
{%- set told = ['vendor', 'system', 'object', 'source_ref', 'batch_id', 'record', 'party_object', 'party_ref', 'line_ref', 'agreement_ref'] %}
{%- set agreed = ['amount', 'currency', 'interval', 'interval_count', 'is_trial', 'is_paused', 'is_metered', 'is_provisional', 'unpaid_since',
                  'unpaid_at', 'cancel_requested_on', 'cancel_requested_at'] %}
with sold as (
    {{ union_of(
        ['stg_salesforce__recurring_lines', 'stg_hubspot__recurring_lines'],
        told + agreed + ['starts_on', 'ends_on', 'starts_at', 'ends_at', 'is_renewal']
    ) | indent(4) }}
),

-- of what the same party was sold before and still has, the first to end is what is renewed
renewed as (
    select
        renewals.{{ line | join(', renewals.') }}, earlier.ends_on, earlier.ends_at,
        row_number() over (
            partition by renewals.{{ line | join(', renewals.') }} order by earlier.ends_on, earlier.line_ref
        ) as nth
    from sold as renewals
    inner join sold as earlier
        on {% for part in party %}renewals.{{ part }} = earlier.{{ part }} and {% endfor -%}
        earlier.starts_on < renewals.starts_on
        and renewals.starts_on < earlier.ends_on
        and earlier.ends_on < renewals.ends_on
    where renewals.is_renewal
)

select
    sold.{{ told | join(', sold.') }},
    coalesce(renewed.ends_on, sold.starts_on) as starts_on, sold.ends_on,
    case when renewed.ends_on is null then sold.starts_at else renewed.ends_at end as starts_at, sold.ends_at,
    sold.{{ agreed | join(', sold.') }}
from sold
left join renewed
    on {% for part in line %}sold.{{ part }} = renewed.{{ part }} and {% endfor -%}
    renewed.nth = 1
