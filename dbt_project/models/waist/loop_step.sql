-- grain: one row per step that a person took after feedback (contact, resolved, told), as a ticket or a follow-up tells it
-- A customer who was told has been spoken to, and a call is its own contact. What a machine did is no step.
select vendor, system, 'ticket' as kind, source_ref as ref, 'contact' as clock, first_replied_at as done_at
from {{ ref('ticket') }}
where first_replied_at is not null
union all
select vendor, system, 'ticket', source_ref, 'resolved', resolved_at
from {{ ref('ticket') }}
where resolved_at is not null
union all
select vendor, system, kind, source_ref, 'contact', given_at
from {{ ref('feedback_item') }}
where kind = 'call_note'
union all
select of_vendor, of_system, of_kind, of_ref, kind, happened_at
from {{ ref('follow_up') }}
where not is_automatic
union all
select of_vendor, of_system, of_kind, of_ref, 'contact', happened_at
from {{ ref('follow_up') }}
where kind = 'told' and not is_automatic
