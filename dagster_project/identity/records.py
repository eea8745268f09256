"""Source records as numbers, from the earliest on, and what of them can be compared."""

from __future__ import annotations

import re

import duckdb
import pyarrow as pa

from dagster_project.identity.words import FORMS, SILENT, STREET_FORMS, WITHIN

FEATURES = (
    "kind", "name", "first_word", "last_word", "sorted_name", "spelled_name", "mailbox", "mailbox_name", "domain",
    "phone", "switchboard", "street", "postcode", "city",
)  # fmt: skip
# How numbers are dialled from abroad (ITU-T E.164); what none of the short codes begins has three digits.
COUNTRY_CODES = "1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9][0-9]{2}"
BATCH = 50_000  # records whose words are held in memory at a time
LEAST_NAME = 3  # bytes; a shorter name says next to nothing, but two ideographs do

_WITHIN = "|".join(re.escape(form) for form in WITHIN)
# One ASCII sign for each letter of another alphabet: engines measure it alike, and next to no two letters of a name share one.
_MEASURED = (
    "case when regexp_full_match({0}, '[ -~]*') then {0} else array_to_string(list_transform(string_split({0}, ''), "
    "lambda letter: case when unicode(letter) < 128 then letter else chr((33 + unicode(letter) % 90)::int) end), '') end"
)
# Accents go; what they leave of other alphabets is compared as it is.
_FOLDED = "strip_accents(lower(translate({0}, 'ŁłØøĐđ', 'LlOoDd')).replace('ß', 'ss').replace('æ', 'ae').replace('œ', 'oe'))"
_WORDS = (
    "string_split_regex(trim(regexp_replace(replace({0}, '.', ''), '[^\\p{{L}}\\p{{N}}]+', ' ', 'g')), ' ')"
)
_STREET_WORDS = "string_split_regex(trim(regexp_replace({0}, '[^\\p{{L}}\\p{{N}}]+', ' ', 'g')), ' ')"


def number_records(con: duckdb.DuckDBPyConnection) -> int:
    """Make the table `record`: each source record with a number, so that the smallest one of a cluster is its anchor.

    The number follows from the record alone: its day, then where it comes from.
    """
    con.execute("""
        create or replace table record as
        select
            cast(row_number() over (order by created_on nulls last, vendor, system, object, source_ref) - 1 as bigint)
                as node,
            *,
            vendor || '|' || system || '|' || object || '|' || source_ref as address
        from warehouse.waist.identity_record
    """)
    return con.execute("select count(*) from record").fetchall()[0][0]


def make_features(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table `feature`: one row per record with a name, in the forms that are compared, all of them text or null.

    `name`: its words in their long forms, sorted, those that say nothing left out; `first_word`, `last_word`: as they stand in
    the name; `sorted_name`, `spelled_name`: the same words, sorted and as they
    stand, with one byte for each letter; `mailbox`, `mailbox_name` (before the @), `domain`: the
    company's own; `phone`: its digits within its country; `switchboard`: the first seven of them, whatever the extension;
    `street`: words and house number; `postcode`, `city`.
    """
    con.register("form", pa.table({"word": list(FORMS), "long": list(FORMS.values())}))
    con.register("street_form", pa.table({"word": list(STREET_FORMS), "long": list(STREET_FORMS.values())}))
    con.register("silent", pa.table({"word": sorted(SILENT)}))
    columns = ", ".join(f"{name} varchar" for name in FEATURES)
    con.execute(f"create or replace table feature (node bigint, {columns})")
    con.execute("""
        create or replace temp table own_domain as
        select node, min(match_key) as domain from held_key where match_rule = 'company_domain' group by node
    """)
    ((count,),) = con.execute("select count(*) from record").fetchall()
    for first in range(0, count, BATCH):
        con.execute(_features_of(first))


def _features_of(first: int) -> str:
    """SQL: add the features of one batch of records, from the node `first` on."""
    return f"""
        insert into feature by name
        with named as (
            select node, kind, regexp_replace({_FOLDED.format("name")}, '{_WITHIN}', ' ', 'g') as folded,
                {_FOLDED.format("street")} as folded_street, email, domain,
                phone, {_FOLDED.format("city")} as folded_city, postcode
            from record
            where name is not null and not is_test and not is_orphan and node >= {first} and node < {first + BATCH}
        ),
        words as (
            select node, kind, unnest({_WORDS.format("folded")}) as word, generate_subscripts({_WORDS.format("folded")}, 1) as place
            from named
        ),
        told as (
            select node, place, coalesce(form.long, word) as word,
                case when length(word) = 1 and word similar to '[a-z]' then kind = 'organisation'
                    else silent.word is not null end as is_silent
            from words
            left join form using (word)
            left join silent using (word)
        ),
        names as (
            select
                node,
                array_to_string(coalesce(
                    list_sort(list_distinct(list(word) filter (where not is_silent))), list_sort(list_distinct(list(word)))
                ), ' ') as name,
                array_to_string(coalesce(
                    list(word order by place) filter (where not is_silent), list(word order by place)
                ), ' ') as spelled,
                coalesce(min_by(word, place) filter (where not is_silent), min_by(word, place)) as first_word,
                coalesce(max_by(word, place) filter (where not is_silent), max_by(word, place)) as last_word
            from told
            where word <> ''
            group by node
            having strlen(array_to_string(list(word), '')) >= {LEAST_NAME}
        ),
        numbers as (
            -- +49 (0)30 1234, 0049 30 1234 and 030 1234 are one number
            select node, ltrim(regexp_replace(
                regexp_replace(replace(phone, '(0)', ''), '[^0-9+]', '', 'g'), '^(\\+|00)({COUNTRY_CODES})', ''
            ), '0') as phone
            from named
            where phone is not null
        ),
        street_words as (
            select node, unnest({_STREET_WORDS.format("folded_street")}) as word,
                generate_subscripts({_STREET_WORDS.format("folded_street")}, 1) as place
            from named
            where folded_street is not null
        ),
        streets as (
            -- a house number that stands first or last is the same one
            select node, string_agg(regexp_replace(coalesce(street_form.long, word), '(strasse|str)$', 'str'), ' '
                order by word similar to '[0-9].*', place) as street
            from street_words
            left join street_form using (word)
            where word <> ''
            group by node
        )
        select
            names.node,
            named.kind,
            names.name,
            names.first_word,
            names.last_word,
            {_MEASURED.format("names.name")} as sorted_name,
            {_MEASURED.format("names.spelled")} as spelled_name,
            lower(named.email) as mailbox,
            lower(split_part(split_part(named.email, '@', 1), '+', 1)) as mailbox_name,
            own_domain.domain,
            case when length(numbers.phone) >= 6 then numbers.phone end as phone,
            case when length(numbers.phone) >= 7 then left(numbers.phone, 7) end as switchboard,
            nullif(streets.street, '') as street,
            nullif(upper(regexp_replace(named.postcode, '[^\\p{{L}}\\p{{N}}]', '', 'g')), '') as postcode,
            nullif(regexp_replace(named.folded_city, '[^\\p{{L}}\\p{{N}}]+', ' ', 'g'), '') as city
        from names
        inner join named using (node)
        left join streets using (node)
        left join numbers using (node)
        left join own_domain using (node)
        order by names.node
    """
