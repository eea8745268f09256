-- grain: one row per statement of why a customer left and days on which its record is one customer's, [valid_from, valid_to)
-- A statement without a reason that the company knows tells nothing, nor does one that is yet to come.
with stated as (
    select
        coalesce(stays.customer_id, parties.customer_id) as customer_id,
        stays.valid_from, stays.valid_to,
        departures.vendor, departures.system, departures.object, departures.batch_id, departures.record,
        departures.agreement_ref, departures.departed_on, departures.reason, departures.loss_kind,
        {{ add_days('departures.departed_on', '-company.reason_window_days') }} as from_on,
        {{ add_days('departures.departed_on', 'company.reason_window_days') }} as until_on
    from {{ ref('departure') }} as departures
    inner join {{ ref('party') }} as parties
        on departures.vendor = parties.vendor
        and departures.system = parties.system
        and departures.party_object = parties.object
        and departures.party_ref = parties.source_ref
    left join {{ ref('moved_record') }} as stays on parties.mover = stays.mover
    cross join {{ ref('company') }} as company
    where departures.reason <> 'unknown'
        and departures.departed_on <= company.as_of_on
)

select * from stated
