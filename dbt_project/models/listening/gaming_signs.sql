-- grain: one row per survey that exports show and sign that its scores are made to look good
{%- set fewest = 20 %}  {#- of fewer cases no test is made -#}
{%- set key = 'vendor, system, survey_ref' %}
with answers as (
    select answers.*, staff.person_id is not null as is_staff
    from {{ ref('survey_answer') }} as answers
    cross join {{ ref('company') }} as company
    left join (
        select distinct md5(records.email) as person_id from {{ ref('party_record') }} as records
        semi join {{ source('reference', 'own_domain') }} as domains on records.domain = domains.domain
    ) as staff on answers.person_id = staff.person_id
    where answers.answered_on > {{ add_months('company.as_of_on', '-12') }}
),

last_scores as (
    select * from answers
    qualify row_number() over (
        partition by {{ key }}, metric, coalesce(person_id, object || ' ' || source_ref) order by responded_at desc, object, source_ref
    ) = 1
),

wordings as (
    select wordings.vendor, wordings.system, wordings.survey_ref, wordings.batch_id, wordings.metric, min(phrases.phrase) as phrase
    from {{ ref('survey_question') }} as wordings
    left join {{ source('reference', 'begging_phrase') }} as phrases
        on instr({{ lower_case('wordings.wording') }}, {{ lower_case('phrases.phrase') }}) > 0
    group by wordings.vendor, wordings.system, wordings.survey_ref, wordings.batch_id, wordings.metric
),

counted as (
    select
        {{ key }}, 'cherry_picked_invitations' as sign, sum(invited) as cases, sum(good_invited) as found,
        sum(expected_billionths) as expected_billionths, sum(variance_billionths) as variance_billionths,
        min(case when is_furthest then occasion end) as detail
    from {{ ref('survey_occasion') }}
    group by {{ key }}
    union all
    select
        {{ key }}, 'scores_on_the_threshold', count(*), count(case when score = 9 then 1 end),
        {{ in_billionths('count(*)', as_double('3')) }}, {{ in_billionths('2 * count(*)', as_double('9')) }}, cast(null as string)
    from last_scores
    where metric = 'nps' and score between 8 and 10
    group by {{ key }}
    union all
    select
        {{ key }}, 'staff_answers', count(distinct object || ' ' || source_ref),
        count(distinct case when is_staff then object || ' ' || source_ref end), cast(null as bigint), cast(null as bigint), cast(null as string)
    from answers
    group by {{ key }}
    union all
    select {{ key }}, 'begging_wording', count(*), count(phrase), cast(null as bigint), cast(null as bigint), min(phrase)
    from wordings
    group by {{ key }}
),

told as (
    select
        surveys.vendor, surveys.system, surveys.survey_ref, signs.sign, signs.is_tested,
        cast(coalesce(counted.cases, 0) as bigint) as cases, cast(coalesce(counted.found, 0) as bigint) as found,
        cast(counted.expected_billionths as bigint) as expected_billionths, counted.detail,
        {{ deviations_above('counted.found', 'counted.expected_billionths', 'counted.variance_billionths') }} as deviations,
        (select count(*) from {{ source('reference', 'own_domain') }}) > 0 as has_own_domains
    from {{ ref('survey') }} as surveys
    cross join (values
        ('cherry_picked_invitations', true), ('scores_on_the_threshold', true), ('staff_answers', false), ('begging_wording', false)
    ) as signs (sign, is_tested)
    left join counted using (vendor, system, survey_ref, sign)
    where surveys.is_shown
),

judged as (
    select
        *,
        case
            when sign = 'staff_answers' and not has_own_domains then 'own_domain.csv is empty'
            when sign = 'staff_answers' and cases = 0 then 'no scored answer in twelve months'
            when sign = 'begging_wording' and cases = 0 then 'no export tells the wording'
            when is_tested and cases < {{ fewest }} then 'fewer than {{ fewest }} cases'
            when is_tested and deviations is null then 'all occasions are alike'
        end as why_unknown
    from told
)

select
    vendor, system, survey_ref, sign,
    case when why_unknown is null then case when is_tested then deviations >= 2.326348 else found > 0 end end as is_sign,
    cases, found, {{ ratio('found', 'cases') }} as found_share,
    case when why_unknown is null then cast(round(expected_billionths * cast(0.000000001 as decimal(10, 9)), 6) as decimal(18, 6)) end as expected,
    case when why_unknown is null then deviations end as deviations,
    case when is_tested then cast(0.01 as decimal(18, 6)) end as false_alarm_rate,
    case when found > 0 then {{ grouped('found') }} || ' of ' || {{ grouped('cases') }} || case sign
        when 'cherry_picked_invitations' then ' invitations after an occasion followed a good one, above all an '
        when 'scores_on_the_threshold' then ' scores from 8 to 10 are a 9'
        when 'staff_answers' then ' answers came from the company''s own addresses'
        else ' exports word a question with: '
    end || coalesce(detail, '') end as evidence,
    why_unknown,
    1 as definition_version,
    false as is_provisional
from judged
