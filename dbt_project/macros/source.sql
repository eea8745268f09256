{#- Every source is a folder of Parquet files under ONE_COMPANY_HOME: the landed batches of a vendor, typed, in `typed/`,
    landing's own log in `landing/`, what a run wrote for the models (reference tables, settings, identity) in `inputs/`.
    The call to the built-in keeps the lineage. -#}
{% macro source(source_name, table_name) %}
    {%- do builtins.source(source_name, table_name) -%}
    {%- set roots = {'log': 'landing', 'reference': 'inputs', 'run': 'inputs', 'identity': 'inputs'} -%}
    {{- return(adapter.dispatch('parquet_files')(
        env_var('ONE_COMPANY_HOME', '../data') ~ '/' ~ roots.get(source_name, 'typed') ~ '/' ~ source_name ~ '/' ~ table_name)) -}}
{% endmacro %}

{% macro duckdb__parquet_files(folder) %}{{ return("read_parquet('" ~ folder ~ "/*.parquet', union_by_name = true)") }}{% endmacro %}

{% macro spark__parquet_files(folder) %}{{ return("parquet.`" ~ folder ~ "/*.parquet`") }}{% endmacro %}
