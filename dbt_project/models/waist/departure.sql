-- grain: one row per statement in an export that a customer left, with the reason as that silo words it
with offered as (
    {{ union_of(
        ['stg_stripe__departures', 'stg_salesforce__departures', 'stg_plain__departures',
         'stg_hubspot__departures', 'stg_chargebee__departures'],
        ['vendor', 'system', 'object', 'source_ref', 'batch_id', 'record', 'party_object', 'party_ref', 'agreement_ref',
         'departed_on', 'silo', 'reason_code']
    ) | indent(4) }}
),

-- a reason has one kind, though not every row of it says which
reasons as (
    select silo, code, reason, max(kind) over (partition by reason) as loss_kind
    from {{ source('reference', 'loss_reason') }}
),

-- where a policy ends an agreement before its source does, the customer leaves then, for the same reason
cut as (
    select vendor, system, agreement_ref, agreed_to, max(ends_on) as ends_on
    from {{ ref('counted_line') }}
    where is_cut
    group by vendor, system, agreement_ref, agreed_to
),

translated as (
    select
        offered.vendor, offered.system, offered.object, offered.source_ref, offered.batch_id, offered.record,
        offered.party_object, offered.party_ref, offered.agreement_ref,
        coalesce(cut.ends_on, offered.departed_on) as departed_on,
        offered.silo, offered.reason_code, reasons.reason, reasons.loss_kind
    from offered
    left join cut
        on offered.vendor = cut.vendor
        and offered.system = cut.system
        and offered.agreement_ref = cut.agreement_ref
        and offered.departed_on = cut.agreed_to
    left join reasons
        on {{ lower_case('offered.silo') }} = {{ lower_case('reasons.silo') }}
        and {{ lower_case('offered.reason_code') }} = {{ lower_case('reasons.code') }}
)

select * from translated
