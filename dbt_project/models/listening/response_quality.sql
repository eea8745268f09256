-- grain: one row per survey, period of sending (of answering, where no invitation explains an answer) and segment (and `all`)
{%- set outcomes = ['suppressed', 'bounced', 'finished', 'started', 'opened', 'unknown', 'unexplained'] %}
{%- set cell = 'vendor, system, survey_ref, period_kind, period_start, is_period_open' %}
with outcomes as (
    select
        outcomes.*, company.as_of_on, kinds.period_kind, kinds.months,
        {{ period_start_of('outcomes.day', 'kinds.months', 'company.fiscal_year_starts_in') }} as period_start,
        outcomes.outcome <> 'unexplained' and {{ is_in_field('outcomes.day', 'company.as_of_on') }} as is_in_field
    from {{ ref('survey_outcome') }} as outcomes
    cross join (values ('month', 1), ('quarter', 3), ('year', 12)) as kinds (period_kind, months)
    cross join {{ ref('company') }} as company
),

placed as (
    select *, as_of_on < {{ add_days(add_months('period_start', 'months'), '-1') }} as is_period_open from outcomes
),

counted as (
    select
        {{ cell }}, segment as held_segment, grouping(segment) as is_whole,
        {%- for outcome in outcomes %}
        cast(count(case when outcome = '{{ outcome }}' then 1 end) as bigint) as {{ outcome }}_outcomes,
        {%- endfor %}
        {%- for group, condition in [('answered', "outcome = 'finished'"), ('unanswered', "outcome <> 'finished'")] %}
        cast(count(case when {{ condition }} then is_lost_after end) as bigint) as {{ group }}_followed,
        cast(count(case when {{ condition }} and is_lost_after then 1 end) as bigint) as {{ group }}_lost,
        {%- endfor %}
        bool_or(is_in_field) as is_in_field
    from placed
    group by grouping sets (({{ cell }}, segment), ({{ cell }}))
),

told as (
    select
        counted.*, case when is_whole = 1 then 'all' else held_segment end as segment, tools.tells_sends,
        tools.tells_whose_answer,
        case when tells_sends then suppressed_outcomes end as suppressed,
        case when tells_sends then bounced_outcomes end as bounced,
        case when tells_sends then finished_outcomes + started_outcomes + opened_outcomes + unknown_outcomes end as delivered,
        case when tells_whose_answer then finished_outcomes end as finished,
        case when tells_starts and tells_whose_answer then started_outcomes end as partial,
        case when tells_opens and tells_whose_answer then opened_outcomes end as refused,
        case when tells_whose_answer then unknown_outcomes + bounced_outcomes
            + case when tells_starts then 0 else started_outcomes end
            + case when tells_opens then 0 else opened_outcomes end
        end as unknown
    from counted
    inner join {{ ref('survey_tool') }} as tools using (vendor, system, survey_ref)
    where is_whole = 1 or held_segment is not null
),

sized as (
    select
        told.*, told.delivered + told.bounced as sent, company.minimum_cell_size,
        coalesce(told.delivered < company.minimum_cell_size, false) as is_small_cell,
        case when told.delivered >= company.minimum_cell_size then told.delivered end as of_delivered,
        case when told.delivered >= company.minimum_cell_size then told.delivered + told.bounced end as of_sent
    from told
    cross join {{ ref('company') }} as company
)

select
    vendor, system, survey_ref, period_kind, period_start, segment,
    suppressed as suppressed_invitations, sent as sent_invitations, bounced as bounced_invitations,
    delivered as delivered_invitations,
    finished + partial + refused as opened_invitations,
    finished + partial as started_invitations,
    finished as finished_invitations, partial as partial_invitations, refused as refused_invitations,
    unknown as unknown_invitations, unexplained_outcomes as unexplained_responses,
    {{ ratio('delivered', 'of_sent') }} as delivery_rate,
    {{ ratio('finished', 'of_delivered') }} as response_rate,
    {{ ratio('finished', 'of_sent') }} as aapor_rr1,
    {{ ratio('finished + partial', 'of_sent') }} as aapor_rr2,
    {%- for group in ['answered', 'unanswered'] %}
    case when tells_whose_answer then {{ group }}_followed end as {{ group }}_followed,
    case when tells_whose_answer then {{ group }}_lost end as {{ group }}_lost,
    case when tells_whose_answer and {{ group }}_followed >= minimum_cell_size then {{ ratio(group ~ '_lost', group ~ '_followed') }} end
        as {{ group }}_loss_rate,
    {%- endfor %}
    is_small_cell,
    case when not tells_sends then 'invitations' when not tells_whose_answer then 'which invitation an answer is to' end as missing_source,
    1 as definition_version,
    is_period_open or is_in_field as is_provisional
from sized
