-- grain: one row per definition and line that it lets count, of whoever it touches
-- What is counted is a unit: a customer, or a record or an agreement of one. Moments are dated in the definition's time zone; of discounts
-- the company's days are known alone, by which a line finds its own.
{%- set line = ['base_object', 'kind', 'vendor', 'system', 'source_ref', 'line_ref', 'agreement_ref', 'customer_id', 'subsidiary',
                'party_record', 'amount', 'net_amount', 'metered_amount', 'is_credited', 'price_currency', 'interval', 'interval_count',
                'is_test', 'is_trial', 'is_paused', 'is_metered'] %}
with definitions as (
    select definitions.*, definitions.time_zone <> company_says.time_zone as is_elsewhere
    from {{ ref('definition') }} as definitions
    cross join {{ ref('counting_policy') }} as company_says
),

dated as (
    select
        definitions.definition_number, lines.{{ line | join(', lines.') }},
        lines.starts_on as company_starts_on,
        lines.ends_on as company_ends_on,
        {{ defined_day('lines', 'starts_at', 'starts_on', 'definitions') }} as starts_on,
        {{ defined_day('lines', 'ends_at', 'ends_on', 'definitions') }} as ends_on,
        {{ defined_day('lines', 'unpaid_at', 'unpaid_since', 'definitions') }} as unpaid_since,
        {{ defined_day('lines', 'cancel_requested_at', 'cancel_requested_on', 'definitions') }} as cancel_requested_on
    from {{ ref('definition_touch') }} as touched
    inner join definitions using (definition_number)
    inner join {{ ref('countable_line') }} as lines
        on touched.customer_id = lines.customer_id
        and touched.base_object = lines.base_object
),

lines as (
    select
        definitions.grain, definitions.free_plans, definitions.recurring_discounts, definitions.one_off_discounts,
        dated.*,
        -- an amount is converted on its day, and never again
        case when dated.kind = 'agreement' or definitions.exchange_rate = 'newest' then definitions.exchange_rate else 'first' end
            as exchange_rate,
        -- what was invoiced counts for twelve months from its day
        case dated.base_object when 'invoices' then {{ add_months('dated.starts_on', '12') }} else {{ counted_to('dated', 'definitions') }} end
            as counted_to,
        -- of what was invoiced
        cast(
            case definitions.invoice_discounts when 'deducted' then dated.net_amount else dated.amount end
            - case definitions.metered when 'excluded' then dated.metered_amount else 0 end as decimal(18, 4)
        ) as amount_left,
        case
            when definitions.duplicates = 'as_recorded' then dated.party_record
            when definitions.subsidiaries = 'apart' then dated.subsidiary
            else dated.customer_id
        end as unit
    from dated
    inner join definitions using (definition_number)
    where (definitions.test_accounts = 'counted' or not dated.is_test)
        and (definitions.trials = 'counted' or not dated.is_trial)
        and (definitions.paused = 'counted' or not dated.is_paused)
        and (definitions.metered = 'counted' or not dated.is_metered)
        and (dated.kind <> 'credit_note' or definitions.credit_notes = 'deducted')
        and (dated.kind <> 'refund' or (
            definitions.refunds = 'deducted' and not (dated.is_credited and definitions.credit_notes = 'deducted')
        ))
)

select * from lines
