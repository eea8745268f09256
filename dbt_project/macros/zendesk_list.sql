{#- A list as Zendesk's exports write it, a JSON list or words between semicolons, commas or spaces, as words between commas;
    some may be empty. Ids, tags and domains hold none of these signs. -#}
{% macro zendesk_list(text) %}{{ return("translate(" ~ text ~ ", '[]\"; ', ',,,,,')") }}{% endmacro %}

{#- In a select list: one row for each comma of such a list and one more, with its number from 0. -#}
{% macro zendesk_places(list) %}{{ return(each_number("length(" ~ list ~ ") - length(replace(" ~ list ~ ", ',', ''))")) }}{% endmacro %}

{#- The word at such a place, which may be empty. -#}
{% macro zendesk_word(list, place) %}{{ return("split_part(" ~ list ~ ", ',', cast(" ~ place ~ " + 1 as int))") }}{% endmacro %}

{#- Whether a ticket is what is left of one that was merged: then it carries this tag, also where the other is not exported.
    A follow-up has the tags of the ticket that it goes on from, so of it they say nothing. -#}
{% macro zendesk_is_merged() %}{{ return(
    "coalesce(contains(',' || " ~ zendesk_list('tags') ~ " || ',', ',closed_by_merge,'), false) and coalesce("
    ~ lower_case("coalesce(via_source_rel, " ~ json_text('via_source', 'rel') ~ ")") ~ " <> 'follow_up', true)") }}{% endmacro %}
