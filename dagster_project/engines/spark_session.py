"""The Spark session of this process: on this machine, on a cluster, or at a Spark Connect server."""

import atexit
import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.engines.spark_address import SETTING, address
from dagster_project.errors import UserError
from dagster_project.paths import Paths

if TYPE_CHECKING:  # half a gigabyte that DuckDB's users do not have
    from pyspark.sql import SparkSession

OLDEST_JAVA = 17
SECONDS_FOR_A_WORKER = 120  # a cluster may have to start a machine for its first piece of work

# What the models rely on, in any session.
OF_THE_MODELS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",  # as DuckDB's: without a zone, and ours are all UTC
    "spark.sql.ansi.enabled": "false",  # dbt-spark sets it before each statement
}

_started: dict[Path, "SparkSession"] = {}  # by ONE_COMPANY_HOME: one at most


def start(paths: Paths) -> "SparkSession":
    """This process's session for a company, started where there is none yet. What Java says goes to a log file."""
    from pyspark.sql import SparkSession

    if paths.home in _started:
        return _started[paths.home]
    stop()
    builder = SparkSession.builder
    if address().startswith("sc://"):
        os.environ["SPARK_REMOTE"] = address()  # how dbt-spark's own session finds it
        warnings.filterwarnings(
            "ignore", "Failed to set spark.sql.catalogImplementation"
        )  # it asks for Hive each time
        options = OF_THE_MODELS
    else:
        os.environ.pop("SPARK_REMOTE", None)
        options = OF_THE_MODELS | of_a_driver(paths)
    for name, value in options.items():
        builder = builder.config(name, value)
    paths.logs.mkdir(parents=True, exist_ok=True)
    log = paths.logs / "spark.log"
    try:
        with errors_to(log):
            session = builder.getOrCreate()
        if not address().startswith(("local", "sc://")):
            check_works(session)
    except UserError:
        raise
    except Exception as error:  # noqa: BLE001 - Java's and gRPC's have no class in common
        raise UserError(
            f"Spark at {address()} did not start ({type(error).__name__}): {SETTING} says where it is, {log} why."
        ) from error
    _started[paths.home] = session
    return session


def check_works(session: "SparkSession") -> None:
    """Ends the session and raises UserError where a cluster has nobody to work: Spark itself would wait for ever."""
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(session.range(1).count)
        try:
            first.result(SECONDS_FOR_A_WORKER)
        except TimeoutError:
            session.stop()  # which ends the waiting thread too
            raise UserError(
                f"Spark at {address()} gave this run no worker within {SECONDS_FOR_A_WORKER} seconds: start workers there, free "
                "some, or ask for less with spark.executor.memory and spark.executor.cores in spark-defaults.conf."
            ) from None


@atexit.register
def stop() -> None:
    """End this process's session."""
    while _started:
        _started.popitem()[1].stop()


def of_a_driver(paths: Paths) -> dict[str, str]:
    """Where this process is the driver: all that it writes is under ONE_COMPANY_HOME, and its catalogue is in memory.

    All else is Spark's own, to be set in spark-defaults.conf.
    """
    scratch = paths.spark / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)  # what a killed session left
    scratch.mkdir(parents=True)
    here = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return {
        "spark.master": address(),
        **(here if address().startswith("local") else {}),
        "spark.app.name": "one_company",
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": str(paths.spark / "tables"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }


@contextmanager
def errors_to(file: Path) -> Iterator[None]:
    """What this process and the children it starts meanwhile write to standard error goes to a file."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(file, "w") as log:
            os.dup2(log.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def check_java() -> None:
    """Raises UserError where there is no Java that Spark can run on."""
    home = os.environ.get("JAVA_HOME", "").strip()
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    remedy = (
        f"Spark needs Java {OLDEST_JAVA} or newer: install it (on Debian and Ubuntu: apt install "
        "default-jre-headless), or set JAVA_HOME to where it is."
    )
    if java is None or not Path(java).exists():
        raise UserError(f"There is no Java{' in ' + home if home else ''}. {remedy}")
    said = subprocess.run([java, "-version"], capture_output=True, text=True).stderr
    version = re.search(r'version "(?:1\.)?(\d+)', said)
    if not version:
        raise UserError(f"{java} does not run. {remedy}")
    if int(version[1]) < OLDEST_JAVA:
        raise UserError(f"{java} is Java {version[1]}. {remedy}")
