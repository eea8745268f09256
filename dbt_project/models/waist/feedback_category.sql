-- grain: one row per piece of feedback that says something, with its one-company category
-- The silo's own category comes first, where the crosswalk knows it. Else the words decide, of the text or, without one, of that
-- category: of the phrases that stand in it the longest, of two as long the one that comes first.
with feedback as (
    select vendor, system, object, source_ref, given_on, silo, category, language, text
    from {{ ref('verbatim') }}
    where text is not null or category is not null or kind <> 'survey_answer'
),

translated as (
    select feedback.*, crosswalk.category as crosswalk_category
    from feedback
    left join {{ source('reference', 'category_crosswalk') }} as crosswalk
        on {{ lower_case('feedback.silo') }} = {{ lower_case('crosswalk.silo') }}
        and {{ lower_case('feedback.category') }} = {{ lower_case('crosswalk.code') }}
),

phrases as (
    select
        category, {{ spaced_words('word') }} as phrase, {{ is_unspaced('word') }} as is_unspaced,
        {{ language_of('language') }} as language
    from {{ source('reference', 'category_word') }}
),

said as (
    select
        vendor, system, object, source_ref, given_on, {{ language_of('language') }} as language,
        {{ is_unspaced('coalesce(text, category)') }} as is_unspaced, {{ spaced_words('coalesce(text, category)') }} as words
    from translated
    where crosswalk_category is null and coalesce(text, category) is not null
),

worded as (
    select *, {{ each_word('words') }} as word from said
),

-- a phrase is looked for only where its first word stands; one without spaces in texts of such scripts, anywhere in them
found as (
    select
        worded.vendor, worded.system, worded.object, worded.source_ref, worded.given_on, phrases.category,
        phrases.language, length(phrases.phrase) as length, instr(worded.words, phrases.phrase) as place
    from worded
    inner join phrases
        on worded.word = split_part(phrases.phrase, ' ', 2)
        and instr(worded.words, phrases.phrase) > 0
        and (phrases.language is null or worded.language is null or phrases.language = worded.language)
    where not phrases.is_unspaced
    union all
    select
        said.vendor, said.system, said.object, said.source_ref, said.given_on, phrases.category,
        phrases.language, length(phrases.phrase) as length, instr(said.words, trim(phrases.phrase)) as place
    from said
    inner join phrases
        on phrases.is_unspaced
        and instr(said.words, trim(phrases.phrase)) > 0
        and (phrases.language is null or said.language is null or phrases.language = said.language)
    where said.is_unspaced
),

first_found as (
    select vendor, system, object, source_ref, given_on, category
    from found
    qualify row_number() over (
        partition by vendor, system, object, source_ref, given_on order by length desc, place, language nulls last, category
    ) = 1
),

categorised as (
    select
        translated.vendor, translated.system, translated.object, translated.source_ref, translated.given_on,
        coalesce(translated.crosswalk_category, first_found.category, 'uncategorised') as category,
        case
            when translated.crosswalk_category is not null then 'crosswalk'
            when first_found.category is not null then 'words'
            else 'uncategorised'
        end as found_by
    from translated
    left join first_found
        on translated.vendor = first_found.vendor
        and translated.system = first_found.system
        and translated.object = first_found.object
        and translated.source_ref = first_found.source_ref
        and translated.given_on = first_found.given_on
)

select * from categorised
