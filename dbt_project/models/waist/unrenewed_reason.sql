-- grain: one row per line and day on which it fell due and was not renewed, where somebody states a reason near that day
-- A statement that names an agreement tells of its lines alone, any other of all lines of the customer.
with statements as (
    select
        departures.vendor, departures.system, departures.agreement_ref,
        coalesce(stays.customer_id, parties.customer_id) as customer_id,
        stays.valid_from, stays.valid_to,
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
),

explained as (
    select ends.vendor, ends.system, ends.line_ref, ends.due_on
    from {{ ref('term_end') }} as ends
    inner join statements
        on ends.vendor = statements.vendor
        and ends.system = statements.system
        and ends.agreement_ref = statements.agreement_ref
        and ends.due_on between statements.from_on and statements.until_on
    where not ends.is_renewed
    union
    select ends.vendor, ends.system, ends.line_ref, ends.due_on
    from {{ ref('term_end') }} as ends
    inner join statements
        on ends.customer_id = statements.customer_id
        and ends.due_on between statements.from_on and statements.until_on
        and (statements.valid_from is null or statements.valid_from <= ends.due_on)
        and (statements.valid_to is null or ends.due_on < statements.valid_to)
    where not ends.is_renewed
        and statements.agreement_ref is null
)

select * from explained
