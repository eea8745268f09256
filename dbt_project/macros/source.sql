{#- Every source is a folder of Parquet files under ONE_COMPANY_HOME: the landed batches of a vendor, typed, in `typed/`,
    landing's own log in `landing/`, what a run wrote for the models (reference tables, settings, identity) in `inputs/`.
    The call to the built-in keeps the lineage. DuckDB reads the folder; for Spark it is a table of that name, which
    dagster_project/engines/spark.py registers. -#}
{% macro source(source_name, table_name) %}
    {%- set roots = {'log': 'landing', 'reference': 'inputs', 'run': 'inputs', 'identity': 'inputs'} -%}
    {{- return(adapter.dispatch('landed_rows')(
        builtins.source(source_name, table_name),
        env_var('ONE_COMPANY_HOME', '../data') ~ '/' ~ roots.get(source_name, 'typed') ~ '/' ~ source_name ~ '/' ~ table_name)) -}}
{% endmacro %}

{#- As `parquet_folder` in dagster_project/sql.py writes it: a folder's name may hold signs that mean something in a pattern. -#}
{% macro duckdb__landed_rows(relation, folder) -%}
    {%- set pattern = folder | replace('[', '[[]') | replace('*', '[*]') | replace('?', '[?]') | replace("'", "''") -%}
    {{- return("read_parquet('" ~ pattern ~ "/*.parquet', union_by_name = true, hive_partitioning = false)") -}}
{%- endmacro %}

{% macro spark__landed_rows(relation, folder) %}{{ return(relation) }}{% endmacro %}
