-- grain: one row per base object and line, purchase, sale, amount or contact that some definition may count
-- Of an amount that was invoiced, a twelfth a month counts for twelve months: it is written as a price of a year. A contact may be
-- asked from the first invitation or answer on, until it opts out or a mail comes back. Moments stand beside the company's days of them,
-- null where the source tells a day alone.
{%- set source = 'vendor, system, object, source_ref, party_object, party_ref' %}
{%- set agreed = 'cast(coalesce(interval_count, 1) as integer) as interval_count, coalesce(is_trial, false) as is_trial, is_paused, is_metered, '
    ~ 'unpaid_since, unpaid_at, cancel_requested_on, cancel_requested_at' %}
{%- set at_once = '1 as interval_count, false as is_trial, false as is_paused, false as is_metered, '
    ~ 'cast(null as date) as unpaid_since, cast(null as timestamp) as unpaid_at, '
    ~ 'cast(null as date) as cancel_requested_on, cast(null as timestamp) as cancel_requested_at' %}
{%- set no_moment = 'cast(null as timestamp)' %}
{%- set nothing = 'cast(0 as decimal(18, 4))' %}
with lines as (
    select
        'agreements' as base_object, 'agreement' as kind, {{ source }}, line_ref, agreement_ref, starts_on, ends_on, starts_at, ends_at, amount,
        amount as net_amount, {{ nothing }} as metered_amount, false as is_credited, currency, interval, {{ agreed }}
    from {{ ref('recurring_line') }}
    union all
    select
        'opportunities', 'agreement', {{ source }}, line_ref, agreement_ref, starts_on, ends_on, starts_at, ends_at, amount,
        amount, {{ nothing }}, false, currency, interval, {{ agreed }}
    from {{ ref('sold_line') }}
    union all
    select
        'agreements', 'purchase', {{ source }}, source_ref, source_ref, windows.purchased_on, windows.active_to, {{ no_moment }},
        {{ no_moment }}, {{ nothing }}, {{ nothing }}, {{ nothing }}, false, windows.currency, 'month', {{ at_once }}
    from {{ ref('purchase_window') }} as windows
    inner join (select {{ source }} from {{ ref('purchase') }}) as purchases using (vendor, system, object, source_ref)
    where windows.active_to is not null
    union all
    select
        'invoices', 'invoice', {{ source }}, source_ref, source_ref, billed_on, {{ add_months('billed_on', '12') }}, billed_at,
        {{ no_moment }}, amount, net_amount, metered_amount, false, currency, 'year', {{ at_once }}
    from {{ ref('billed_amount') }}
    union all
    select
        'invoices', 'invoice', {{ source }}, source_ref, source_ref, purchased_on, {{ add_months('purchased_on', '12') }},
        {{ no_moment }}, {{ no_moment }}, amount, amount, {{ nothing }}, false, currency, 'year', {{ at_once }}
    from {{ ref('purchase') }}
    union all
    select
        'invoices', kind, {{ source }}, source_ref, source_ref, credited_on, {{ add_months('credited_on', '12') }}, credited_at, {{ no_moment }},
        cast(-amount as decimal(18, 4)), cast(-amount as decimal(18, 4)), {{ nothing }}, has_credit_note, currency, 'year', {{ at_once }}
    from {{ ref('billed_credit') }}
),

asked as (
    select vendor, system, party_object, party_ref, sent_at as asked_at,
        {{ no_moment }} as spared_at, status = 'bounced' as is_bounced
    from {{ ref('invitation') }}
    where status <> 'suppressed'
    union all
    select vendor, system, party_object, party_ref, responded_at, {{ no_moment }}, false
    from {{ ref('response') }}
    union all
    select vendor, system, party_object, party_ref, {{ no_moment }}, opted_out_at, false
    from {{ ref('opt_out') }}
),

-- a system may write a person anew each time it asks: its mailbox tells
contacts as (
    select
        asked.vendor, asked.system, min({{ packed(['party_object', 'party_ref']) }}) as party,
        min(asked.asked_at) as first_at,
        least(min(case when asked.is_bounced then asked.asked_at end), min(asked.spared_at)) as last_at
    from asked
    left join {{ ref('party_record') }} as records
        on asked.vendor = records.vendor
        and asked.system = records.system
        and asked.party_object = records.object
        and asked.party_ref = records.source_ref
    group by asked.vendor, asked.system, coalesce(records.email, asked.party_object || '/' || asked.party_ref)
    having min(asked.asked_at) is not null
),

offered as (
    select * from lines
    union all
    select
        'contacts', 'contact', vendor, system, party.party_object, party.party_ref, party.party_object, party.party_ref, party.party_ref,
        party.party_ref, {{ company_day('first_at') }}, {{ company_day('last_at') }}, first_at, last_at,
        {{ nothing }}, {{ nothing }}, {{ nothing }}, false, cast(null as string), 'month', {{ at_once }}
    from contacts
)

select
    offered.*,
    offered.vendor || '/' || offered.system || '/' || offered.party_object || '/' || offered.party_ref as party_record,
    parties.customer_id, coalesce(parties.subsidiary, parties.customer_id) as subsidiary, parties.is_test,
    coalesce(offered.currency, company.reporting_currency) as price_currency
from offered
inner join {{ ref('party') }} as parties
    on offered.vendor = parties.vendor
    and offered.system = parties.system
    and offered.party_object = parties.object
    and offered.party_ref = parties.source_ref
cross join {{ ref('company') }} as company
where offered.base_object = 'agreements' or offered.base_object in (select base_object from {{ ref('definition_step') }})
