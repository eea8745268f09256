"""Spark as the tests start it: small, and the same whatever the machine's own configuration says."""

from pathlib import Path

import duckdb

from dagster_project.engines.spark import SparkEngine
from dagster_project.engines.spark_session import start
from dagster_project.identity.resolve import resolve
from dagster_project.paths import Paths
from dagster_project.sql import literal
from tests.company import after_identity, manifest, models
from tests.identity_ledger import remember
from tests.oracles.customer_math import Stay

SMALL_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

# Minutes of planning, so that Java's second compiler pays (without it a build took 482 s, with it 404), but by its own thresholds it
# takes a third of all CPU. From ten times as many calls on it takes a fifth, and a larger heap is swept less often: 620 to 526 s of CPU.
OF_A_DRIVER = (
    "-XX:+UseSerialGC -XX:MetaspaceSize=256m -Xmn1g -XX:ReservedCodeCacheSize=512m -XX:Tier4InvocationThreshold=50000 "
    "-XX:Tier4MinInvocationThreshold=6000 -XX:Tier4CompileThreshold=150000 -XX:Tier4BackEdgeThreshold=400000"
)

# Small data on two cores: planning and compiling cost more than running. What a query gives does not depend on these.
DEFAULTS = {
    "spark.driver.memory": "2g",
    "spark.driver.extraJavaOptions": OF_A_DRIVER,
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.lightweightPlanChangeValidation": "false",
    "spark.sql.shuffle.partitions": "2",
}


def environment(folder: Path, master: str = "local[2]", **defaults: str) -> dict[str, str]:
    """The settings of a run on Spark; its spark-defaults.conf is written to `folder`. Fails where Java is missing."""
    SparkEngine(Paths.from_environment()).check()
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{name} {value}" for name, value in (DEFAULTS | defaults).items()]
    (folder / "spark-defaults.conf").write_text("\n".join(lines) + "\n")
    return {"ONE_COMPANY_TARGET": "spark", "ONE_COMPANY_SPARK": master, "SPARK_CONF_DIR": str(folder)}


def build_landed(paths: Paths, stays: tuple[Stay, ...] = ()) -> None:
    """The models over what is landed, each engine's SQL run straight; `paths.warehouse` shows them."""
    later = after_identity()
    for part in (
        [m for m in models("spark") if m.unique_id not in later],
        [m for m in models("spark") if m.unique_id in later],
    ):
        if part[0].unique_id in later:
            resolve(paths)
            remember(paths, stays)
        with SparkEngine(paths).building(manifest("spark"), [model.unique_id for model in part]):
            for model in part:
                kind = "or replace view" if model.is_view else "table"
                start(paths).sql(f"create {kind} {model.schema}.{model.name} as {model.sql}")


def differences(expected: Path, found: Path, but: str = "") -> list[str]:
    """Where the tables of two DuckDB files differ, in columns, types or rows; all that `found` has are compared,
    and of each all columns but one."""
    told = []
    columns_but = f"columns(lambda name: name <> {literal(but)})"
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name, file in (("expected", expected), ("found", found)):
            connection.execute(f"attach {literal(str(file))} as {name} (read_only)")
        tables = connection.execute("""
            select schema_name || '.' || table_name from duckdb_tables() where database_name = 'found'
            union all
            select schema_name || '.' || view_name from duckdb_views() where database_name = 'found' and not internal
            order by all
        """).fetchall()
        assert tables
        for (table,) in tables:
            columns = [
                connection.execute(
                    f"select column_name, column_type from (describe {name}.{table})"
                ).fetchall()
                for name in ("expected", "found")
            ]
            if columns[0] != columns[1]:
                told.append(f"{table}: columns {sorted(set(columns[0]) ^ set(columns[1])) or columns}")
                continue
            for one, other in (("expected", "found"), ("found", "expected")):
                rows = connection.execute(
                    f"select {columns_but} from {one}.{table} except all select {columns_but} from {other}.{table} limit 3"
                ).fetchall()
                told += [f"{table}: only in {one}: {row}" for row in rows]
    return told
