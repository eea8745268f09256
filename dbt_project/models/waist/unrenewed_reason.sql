-- grain: one row per line and day on which it fell due and was not renewed, where somebody states a reason near that day
-- A statement that names an agreement tells of its lines alone, any other of all lines of the customer.
with explained as (
    select ends.vendor, ends.system, ends.line_ref, ends.due_on
    from {{ ref('term_end') }} as ends
    inner join {{ ref('stated_reason') }} as statements
        on ends.vendor = statements.vendor
        and ends.system = statements.system
        and ends.agreement_ref = statements.agreement_ref
        and ends.due_on between statements.from_on and statements.until_on
    where not ends.is_renewed
    union
    select ends.vendor, ends.system, ends.line_ref, ends.due_on
    from {{ ref('term_end') }} as ends
    inner join {{ ref('stated_reason') }} as statements
        on ends.customer_id = statements.customer_id
        and ends.due_on between statements.from_on and statements.until_on
        and (statements.valid_from is null or statements.valid_from <= ends.due_on)
        and (statements.valid_to is null or ends.due_on < statements.valid_to)
    where not ends.is_renewed
        and statements.agreement_ref is null
)

select * from explained
