-- grain: one row per definition, the one before it in a bridge, and customer that they may count otherwise: under which definition
-- the customer's flows before are kept
-- A definition counts whom it touches by itself, everybody else as its anchor does; one of another base counts everybody anew.
with steps as (
    select distinct definition_number, earlier_number, earlier_anchor_number, policy = 'base_object' as is_of_base
    from ({{ known_steps() }}) as known
),

affected as (
    select steps.definition_number, steps.earlier_number, steps.earlier_anchor_number, touched.customer_id
    from steps
    inner join {{ ref('definition_touch') }} as touched using (definition_number)
    where not steps.is_of_base
    union all
    select distinct steps.definition_number, steps.earlier_number, steps.earlier_anchor_number, flows.customer_id
    from (
        select *, earlier_number as source_number from steps
        union all
        select *, earlier_anchor_number from steps
    ) as steps
    inner join {{ ref('definition_flow') }} as flows on steps.source_number = flows.definition_number
    where steps.is_of_base
)

select
    affected.definition_number, affected.earlier_number, affected.customer_id,
    case when earlier.customer_id is null then affected.earlier_anchor_number else affected.earlier_number end as source_number
from affected
left join {{ ref('definition_touch') }} as earlier
    on affected.earlier_number = earlier.definition_number
    and affected.customer_id = earlier.customer_id
