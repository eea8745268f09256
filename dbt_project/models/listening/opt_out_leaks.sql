-- grain: one row per send and tool in which the person asked had opted out before it
with opted_out as (
    select
        opt_outs.vendor, opt_outs.system, {{ person_id('opt_outs', 'records') }} as person_id,
        min(opt_outs.opted_out_at) as opted_out_at
    from {{ ref('opt_out') }} as opt_outs
    left join {{ ref('party_record') }} as records
        on opt_outs.vendor = records.vendor
        and opt_outs.system = records.system
        and opt_outs.party_object = records.object
        and opt_outs.party_ref = records.source_ref
    group by opt_outs.vendor, opt_outs.system, {{ person_id('opt_outs', 'records') }}
),

leaks as (
    select
        sends.vendor, sends.system, sends.object, sends.source_ref, sends.survey_ref, sends.sent_on, sends.customer_id,
        sends.segment, opted_out.vendor as opted_out_vendor, opted_out.system as opted_out_system,
        {{ company_day('opted_out.opted_out_at') }} as opted_out_on
    from {{ ref('survey_send') }} as sends
    inner join opted_out
        on sends.person_id = opted_out.person_id
        and sends.sent_at > opted_out.opted_out_at
    where sends.status = 'sent'
)

select
    vendor, system, object, {{ published_ref('source_ref') }} as source_ref, survey_ref, sent_on, customer_id, segment,
    opted_out_vendor, opted_out_system, opted_out_on,
    {{ days_between('opted_out_on', 'sent_on') }} as days_since_opt_out,
    vendor = opted_out_vendor and system = opted_out_system as is_same_tool,
    1 as definition_version
from leaks
