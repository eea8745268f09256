{#- Cells of HubSpot that hold a list, and words of its screens in the languages of its exports. -#}

{#- The first entry of a list separated by `;`, which is the primary one; null where there is none. -#}
{% macro hubspot_first(list) %}{{ return(filled("split_part(" ~ list ~ ", ';', 1)")) }}{% endmacro %}

{#- In a select list: one row for each place of a list's entries, 0, 1, … -#}
{% macro hubspot_each_place(list) %}{{ return(each_number("length(" ~ list ~ ") - length(replace(" ~ list ~ ", ';', ''))")) }}{% endmacro %}

{#- The id at a place of a list, without what follows a colon (`vid:milliseconds`). -#}
{% macro hubspot_id_at(list, place) %}{{ return(filled(
    "split_part(split_part(" ~ list ~ ", ';', cast(" ~ place ~ " + 1 as int)), ':', 1)")) }}{% endmacro %}

{#- The moment after the colon at a place of a list, milliseconds since 1970, to the minute (engines multiply an interval by
    small numbers alone); null where there is none. -#}
{% macro hubspot_moment_at(list, place) -%}
    {%- set told = trimmed("split_part(split_part(" ~ list ~ ", ';', cast(" ~ place ~ " + 1 as int)), ':', 2)") -%}
    case when {{ matches(told, '[0-9]{12,13}') }}
        then timestamp '1970-01-01 00:00:00' + {{ whole_division("try_cast(" ~ told ~ " as bigint)", 60000) }} * interval 1 minute
    end
{%- endmacro %}

{#- 'won' or 'lost' where a stage is one of the usual last ones, else null. A screen's label names the pipeline in brackets. -#}
{% macro hubspot_outcome(stage) -%}
    {%- set label = lower_text("regexp_replace(" ~ stage ~ ", '[(（].*$', '')") -%}
    case
        when {{ label }} in (
            'closedwon', 'closed won', 'abgeschlossen und gewonnen', 'geschlossen und gewonnen',
            'fermé gagné', 'fermée gagnée', 'fermée et gagnée', 'cierre ganado', 'cerrado ganado', '成約', 'クローズ済み成立取引',
            'negócio fechado', 'fechado ganho', 'ganho fechado') then 'won'
        when {{ label }} in (
            'closedlost', 'closed lost', 'abgeschlossen und verloren', 'geschlossen und verloren', 'fermé perdu', 'fermée perdue',
            'fermée et perdue', 'cierre perdido', 'cerrado perdido', '失注', 'クローズ済み不成立', 'クローズ済み不成立取引',
            'negócio perdido', 'fechado perdido', 'perdido fechado') then 'lost'
    end
{%- endmacro %}
