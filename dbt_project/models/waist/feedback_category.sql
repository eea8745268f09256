-- grain: one row per piece of feedback up to the as-of day, with its one-company category where it says something
-- The silo's own category comes first, where the crosswalk knows it. Else the words decide, of the text or, without one, of that
-- category: of the phrases that stand in it the longest, of two as long the one that comes first.
with phrases as (
    select
        category, {{ language_of('language') }} as language, length({{ spaced_words('word') }}) as length,
        case when {{ is_unspaced('word') }} then '' else split_part({{ spaced_words('word') }}, ' ', 2) end as first_word,
        case when {{ is_unspaced('word') }} then trim({{ spaced_words('word') }}) else {{ spaced_words('word') }} end as looked_for
    from {{ source('reference', 'category_word') }}
),

said as (
    select
        vendor, system, object, source_ref, given_on, {{ language_of('language') }} as language,
        {{ is_unspaced('coalesce(text, verbatims.category)') }} as is_unspaced,
        {{ spaced_words('coalesce(text, verbatims.category)') }} as words
    from {{ ref('verbatim') }} as verbatims
    anti join {{ source('reference', 'category_crosswalk') }} as crosswalk
        on {{ lower_case('verbatims.silo') }} = {{ lower_case('crosswalk.silo') }}
        and {{ lower_case('verbatims.category') }} = {{ lower_case('crosswalk.code') }}
    where coalesce(text, verbatims.category) is not null
),

-- an empty word at the end of texts without spaces between words, for phrases that may stand anywhere
worded as (
    select *, {{ each_word("case when is_unspaced then ltrim(words) else trim(words) end") }} as word
    from said
),

-- a phrase is looked for only where its first word stands
found as (
    select
        worded.vendor, worded.system, worded.object, worded.source_ref, worded.given_on, phrases.category,
        phrases.language, phrases.length, instr(worded.words, phrases.looked_for) as place
    from worded
    inner join phrases
        on worded.word = phrases.first_word
        and instr(worded.words, phrases.looked_for) > 0
        and (phrases.language is null or worded.language is null or phrases.language = worded.language)
),

first_found as (
    select vendor, system, object, source_ref, given_on, category
    from found
    qualify row_number() over (
        partition by vendor, system, object, source_ref, given_on order by length desc, place, language nulls last, category
    ) = 1
),

feedback as (
    select
        vendor, system, object, source_ref, kind, party_object, party_ref, given_at, given_on, survey_ref, language, silo, category,
        text is not null as has_words,
        text is not null or category is not null or kind <> 'survey_answer' as says_something
    from {{ ref('verbatim') }}
    where given_on <= (select as_of_on from {{ ref('company') }})
),

categorised as (
    select feedback.*, crosswalk.category as crosswalk_category, first_found.category as found_category
    from feedback
    left join {{ source('reference', 'category_crosswalk') }} as crosswalk
        on {{ lower_case('feedback.silo') }} = {{ lower_case('crosswalk.silo') }}
        and {{ lower_case('feedback.category') }} = {{ lower_case('crosswalk.code') }}
    left join first_found
        on feedback.vendor = first_found.vendor
        and feedback.system = first_found.system
        and feedback.object = first_found.object
        and feedback.source_ref = first_found.source_ref
        and feedback.given_on = first_found.given_on
)

select
    vendor, system, object, source_ref, kind, party_object, party_ref, given_at, given_on, survey_ref, language, has_words,
    case when says_something then coalesce(crosswalk_category, found_category, 'uncategorised') end as category,
    case
        when not says_something then null
        when crosswalk_category is not null then 'crosswalk'
        when found_category is not null then 'words'
        else 'uncategorised'
    end as found_by
from categorised
